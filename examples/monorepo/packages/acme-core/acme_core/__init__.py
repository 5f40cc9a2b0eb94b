"""What the others stand on."""


def price():
    return 42
