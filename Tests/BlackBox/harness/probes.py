"""The gateway's own questions to the vendors, whether they are well."""


def is_probe(entry):
    return entry.method == "GET" and (
        entry.path == "/api/accounts/me"
        or (entry.path.endswith("/Calls.json") and dict(entry.query).get("PageSize") == "1")
    )
