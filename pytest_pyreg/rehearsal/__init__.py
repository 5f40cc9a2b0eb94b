"""Rehearsing a release: what registries would say to it, before any of them is asked.

`checking` holds files against flavours without a server or a client; `building`, `acts` and `running` do all of it for
real.  Both speak in the terms of `verdicts`; `table`, `plain` and `page` show these.
"""
