"""A gadget."""


def main():
    print("It works.")
