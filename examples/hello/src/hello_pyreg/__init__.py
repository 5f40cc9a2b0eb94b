"""Says hello."""


def greeting(name: str) -> str:
    return f"Hello, {name}!"


def main() -> None:
    print(greeting("world"))
