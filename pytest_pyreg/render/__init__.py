"""From frozen data to bytes: replies and project pages.  URLs and escaping belong here and nowhere deeper."""
