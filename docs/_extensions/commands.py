def command_page():
    return "Command line\n============\n"
