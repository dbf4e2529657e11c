"""Downloads from a server that breaks off, lies, dawdles, changes its mind or never stops."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from data.download.site import (
    Request,
    Site,
    broken_after,
    broken_chunks,
    chunked,
    drop_by_drop,
    endless,
    nonsense,
    plain,
    running,
    send,
    silent,
    status,
)
from lamina.data import download
from lamina.data.download.transfer import Transfer

CONTENT = np.random.default_rng(0).bytes(150_000)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("lamina.data.download.transfer._BACK_OFF", 0.001)
    with running(Site(CONTENT)) as site:
        yield site


def transfer(site: Site, folder: Path, **settings) -> Transfer:
    settings = {"max_bytes": 10**6, "patience": 5.0, "retries": 3} | settings
    return Transfer(site.url(), folder / "a.part", **settings)


def fetched(site: Site, folder: Path, **settings) -> bytes:
    transfer(site, folder, **settings).run()
    return (folder / "a.part").read_bytes()


@pytest.mark.parametrize("answer", [send, plain, chunked])
def test_whole(site: Site, tmp_path: Path, answer: Callable[[Request], None]) -> None:
    site.answers = [answer]
    assert fetched(site, tmp_path) == CONTENT and len(site.asked) == 1


def test_progress_is_told(site: Site, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    fetched(site, tmp_path, report=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(CONTENT), len(CONTENT)) and sorted(told) == told and len(told) > 1


def test_a_broken_line_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    site.answers = [broken_after(50_000)]
    assert fetched(site, tmp_path) == CONTENT
    assert site.ranges == [None, "bytes=50000-"] and site.asked[1][1]["If-Range"] == '"one"'


def test_a_later_call_goes_on_too(site: Site, tmp_path: Path) -> None:
    site.answers = [broken_after(70_000)]
    with pytest.raises(download.DownloadError, match="70000 of 150000"):
        fetched(site, tmp_path, retries=0)
    assert fetched(site, tmp_path, retries=0) == CONTENT and site.ranges == [None, "bytes=70000-"]


def test_a_changed_file_starts_anew(site: Site, tmp_path: Path) -> None:
    site.answers = [broken_after(70_000)]
    with pytest.raises(download.DownloadError):
        fetched(site, tmp_path, retries=0)
    site.content, site.etag = CONTENT[::-1], '"two"'
    assert fetched(site, tmp_path) == CONTENT[::-1]
    assert site.ranges == [None, "bytes=70000-"]  # asked to go on, sent the whole


def wrong_rest(request: Request) -> None:
    """A rest of another version, although If-Range was given."""
    request.head(206, ETag='"two"', Content_Range="bytes 50000-149999/150000", Content_Length=100_000)
    request.wfile.write(bytes(100_000))


def other_rest(request: Request) -> None:
    """A rest that begins elsewhere."""
    request.head(206, ETag='"one"', Content_Range="bytes 40000-149999/150000", Content_Length=110_000)
    request.wfile.write(CONTENT[40_000:])


def unasked_rest(request: Request) -> None:
    request.head(206, Content_Range="bytes 0-149999/150000", Content_Length=150_000)
    request.wfile.write(CONTENT)


@pytest.mark.parametrize("answer", [wrong_rest, other_rest, status(416)])
def test_a_rest_that_does_not_fit_is_dropped(site: Site, tmp_path: Path, answer: Callable[[Request], None]) -> None:
    site.answers = [broken_after(50_000), answer]
    assert fetched(site, tmp_path) == CONTENT and site.ranges == [None, "bytes=50000-", None]


def test_a_rest_that_nobody_asked_for_is_dropped(site: Site, tmp_path: Path) -> None:
    site.answers = [unasked_rest]
    assert fetched(site, tmp_path) == CONTENT and len(site.asked) == 2


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"one"'}], ids=["no-tag", "weak-tag"])
def test_without_a_strong_validator_it_starts_anew(site: Site, tmp_path: Path, headers: dict[str, str]) -> None:
    def cut(request: Request) -> None:
        request.head(200, Content_Length=len(CONTENT), **headers)
        request.wfile.write(CONTENT[:50_000])

    site.answers = [cut]
    assert fetched(site, tmp_path) == CONTENT and site.ranges == [None, None]


def test_a_date_serves_as_validator(site: Site, tmp_path: Path) -> None:
    def cut(request: Request) -> None:
        request.head(200, Content_Length=len(CONTENT), Last_Modified="Wed, 21 Oct 2015 07:28:00 GMT")
        request.wfile.write(CONTENT[:50_000])

    site.answers = [cut]
    assert fetched(site, tmp_path) == CONTENT
    assert site.asked[1][1]["If-Range"] == "Wed, 21 Oct 2015 07:28:00 GMT"


def test_a_part_of_another_address_is_not_continued(site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(b"other")
    (tmp_path / "a.part.json").write_text(json.dumps({"origin": site.url("b.bin"), "validator": '"one"'}))
    assert fetched(site, tmp_path) == CONTENT and site.ranges == [None]


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"origin": 1}', '{"validator": {}}', "\0"])
def test_a_broken_note_is_ignored(site: Site, tmp_path: Path, note: str) -> None:
    (tmp_path / "a.part").write_bytes(b"left over, and longer than nothing")
    (tmp_path / "a.part.json").write_text(note)
    assert fetched(site, tmp_path) == CONTENT


@pytest.mark.parametrize("answer", [status(500), status(503), status(429), broken_chunks, nonsense])
def test_what_may_pass_is_tried_again(site: Site, tmp_path: Path, answer: Callable[[Request], None]) -> None:
    site.answers = [answer, answer]
    assert fetched(site, tmp_path) == CONTENT and len(site.asked) == 3


def test_it_gives_up_in_the_end(site: Site, tmp_path: Path) -> None:
    site.answers = [status(500)] * 9
    with pytest.raises(download.DownloadError, match=r"the whole file must arrive.*500.*4 tries"):
        fetched(site, tmp_path)
    assert len(site.asked) == 4


@pytest.mark.parametrize("code", [403, 404, 410, 204])
def test_a_refusal_is_final(site: Site, tmp_path: Path, code: int) -> None:
    site.answers = [status(code)]
    with pytest.raises(download.DownloadError, match=rf"the server must have the file.*{code}"):
        fetched(site, tmp_path)
    assert len(site.asked) == 1


@pytest.mark.parametrize("in_headers", [True, False])
def test_a_server_that_drips_is_left(site: Site, tmp_path: Path, in_headers: bool) -> None:
    site.answers = [drop_by_drop(in_headers=in_headers)]
    begin = time.monotonic()
    with pytest.raises(download.DownloadError, match="less than 1024 bytes in 0.3 seconds|timed out"):
        fetched(site, tmp_path, patience=0.3, retries=0)
    assert time.monotonic() - begin < 3


def test_a_server_that_says_nothing_is_left(site: Site, tmp_path: Path) -> None:
    site.answers = [silent]
    assert fetched(site, tmp_path, patience=0.3) == CONTENT and len(site.asked) == 2


def test_an_endless_body_is_cut_off(site: Site, tmp_path: Path) -> None:
    site.answers = [endless]
    with pytest.raises(download.DownloadError, match="must not be larger than max_bytes"):
        fetched(site, tmp_path)
    assert len(site.asked) == 1 and not list(tmp_path.iterdir())


def test_a_body_that_is_announced_too_large_is_not_read(site: Site, tmp_path: Path) -> None:
    with pytest.raises(download.DownloadError, match="at most 149999 bytes, received 150000 or more"):
        fetched(site, tmp_path, max_bytes=len(CONTENT) - 1)
    assert not list(tmp_path.iterdir())


def test_a_rest_counts_towards_the_size(site: Site, tmp_path: Path) -> None:
    site.answers = [broken_after(70_000)]
    with pytest.raises(download.DownloadError):
        fetched(site, tmp_path, retries=0)
    with pytest.raises(download.DownloadError, match="must not be larger"):
        fetched(site, tmp_path, max_bytes=len(CONTENT) - 1)


def endless_trailers(request: Request) -> None:
    request.head(200, Transfer_Encoding="chunked")
    request.wfile.write(b"3\r\nabc\r\n0\r\n")
    while not request.server.over.is_set():
        request.wfile.write(b"X-More: and more\r\n" * 4096)


def endless_continue(request: Request) -> None:
    while not request.server.over.is_set():
        request.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 4096)


@pytest.mark.parametrize("answer", [endless_trailers, endless_continue])
def test_even_what_is_no_body_ends(site: Site, tmp_path: Path, answer: Callable[[Request], None]) -> None:
    site.answers = [answer]
    with pytest.raises(download.DownloadError, match="bytes on the line|too many"):
        fetched(site, tmp_path, max_bytes=1000, retries=0)


def test_redirects_on_this_machine_are_followed(site: Site, tmp_path: Path) -> None:
    site.answers = [status(302, Location="/b.bin"), status(308, Location=site.url("c.bin"))]
    assert fetched(site, tmp_path) == CONTENT
    assert [path for path, _ in site.asked] == ["/a.bin", "/b.bin", "/c.bin"]


def test_redirects_come_to_an_end(site: Site, tmp_path: Path) -> None:
    site.answers = [status(302, Location="/a.bin")] * 20
    with pytest.raises(download.DownloadError, match="up to 5 redirects"):
        fetched(site, tmp_path)
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    "location", ["http://example.org/a", "ftp://127.0.0.1/a", "file:///etc/passwd", "//example.org/a", "", "https://"]
)
def test_unsafe_redirects_are_refused(site: Site, tmp_path: Path, location: str) -> None:
    site.answers = [status(302, Location=location)]
    with pytest.raises(download.DownloadError, match="a redirect leads to HTTPS"):
        fetched(site, tmp_path)
    assert len(site.asked) == 1 and not list(tmp_path.iterdir())


def test_a_link_in_the_way_is_not_followed(site: Site, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "a.part").symlink_to(victim)
    with pytest.raises(OSError):
        fetched(site, tmp_path)
    assert victim.read_text() == "precious"


def test_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lamina.data.download.transfer._BACK_OFF", 0.001)
    with running(Site(b"")) as gone:
        pass
    with pytest.raises(download.DownloadError, match="refused"):
        fetched(gone, tmp_path)
