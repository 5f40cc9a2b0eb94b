"""Asks the core."""

import acme_core


def ask():
    return acme_core.price()
