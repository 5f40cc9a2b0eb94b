"""What users install."""

import acme_client


def main():
    print(f"It costs {acme_client.ask()}.")
