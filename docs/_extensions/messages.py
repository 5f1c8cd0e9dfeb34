def message_page():
    return "Errors\n======\n"
