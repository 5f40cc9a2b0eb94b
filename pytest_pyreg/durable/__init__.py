"""What a registry holds, written down in a folder as it changes, and read back: `pyreg serve --data`."""
