"""SCIM 2.0 as somebody else reads it: the checks of scim2-tester against the real server."""

from __future__ import annotations

from pathlib import Path

from harness import Install
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

# Of a server that does not search all kinds of resources at once, and says so by 501 (RFC 7644 §3.12).
SKIPPED = {"search_with_attributes"}


def test_the_checks_of_scim2_tester_pass(tmp_path: Path) -> None:
    install = Install(tmp_path)
    client = install.client("directory", "CDO")
    with install.serve(limits__requests_per_second=0) as served:
        headers = {"Authorization": f"Bearer {served.token(client)}"}
        with Client(base_url=f"{served.base}/scim/v2", headers=headers) as http:
            results = check_server(SyncSCIMClient(http))
    assert len(results) > 50
    failed = [f"{one.title}: {one.reason}" for one in results if one.status is Status.ERROR]
    assert not failed, "\n".join(failed)
    passed_over = {one.title for one in results if one.status is Status.SKIPPED}
    assert passed_over == SKIPPED
