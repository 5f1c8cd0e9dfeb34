def schema_page():
    return "Recipe\n======\n"
