"""The page shows what the stream says, to nobody else, and runs nothing that it shows."""

import http.client
import json
import shutil
from dataclasses import replace
from importlib import resources
from urllib.parse import urlsplit

import numpy as np
import pytest

from physio_vad.exceptions import ArgumentError
from physio_vad.live.page import LivePage
from physio_vad.live.sources import Replay
from physio_vad.live.stream import Stream

EVIL = "</script><script>document.title='run'</script>"


@pytest.fixture
def stream(skin_model):
    return Stream(skin_model, skin_model.inputs, step=1, interval=0.8)


def ask(page, path="/", method="GET", body=None, **headers):
    """Give status, headers and text of an answer."""
    where = urlsplit(page.address)
    link = http.client.HTTPConnection(where.hostname, where.port, timeout=10)
    link.request(method, path, body, {name.replace("_", "-"): one for name, one in headers.items()})
    answer = link.getresponse()
    told = answer.status, answer.headers, answer.read().decode()
    link.close()
    return told


def listen(page, number):
    """Read the first messages of a page."""
    where = urlsplit(page.address)
    link = http.client.HTTPConnection(where.hostname, where.port, timeout=10)
    link.request("GET", f"/events?{where.query}")
    answer, messages = link.getresponse(), []
    while len(messages) < number:
        kind = answer.readline().decode().split(": ")[1].strip()
        messages.append((kind, json.loads(answer.readline().decode().removeprefix("data: "))))
        answer.readline()
    answer.close()
    link.close()
    return messages


def feed(stream, page, recording, until=np.inf):
    for chunk in Replay(recording, speed=np.inf):
        if chunk.modality in stream.sensors and np.min(chunk.times) < until:
            with page.lock:
                stream.push(chunk.modality, chunk.samples, chunk.times)
                found = list(stream.predictions())
            for one in found:
                page.show(one)


def test_what_comes_is_what_the_stream_says(stream, skin_people):
    with LivePage(stream) as page:
        feed(stream, page, skin_people[1].crop(0, 20))
        kinds, told = zip(*listen(page, 12), strict=True)
    assert kinds == ("hello", *["prediction"] * 10, "status")
    assert [one["name"] for one in told[0]["targets"]] == list(stream.targets)
    assert [one["time"] for one in told[1:11]] == list(range(10, 20))
    sensors = {one["name"]: one for one in told[11]["sensors"]}
    assert set(sensors) == {"temperature", "eda"}
    line = sensors["temperature"]["line"]
    assert (line["begin"], line["end"]) == (-10.0, 20.0)
    assert line["low"][:99] == [None] * 99
    values = skin_people[1].signals["temperature"].values[0, : 20 * 64]
    assert max(one for one in line["high"] if one is not None) == pytest.approx(values.max())


def test_withheld_and_silent_are_told(stream, skin_people, monkeypatch):
    person = skin_people[1].crop(0, 40)
    there = np.arange(40 * 64) < 15 * 64
    signals = {
        key: replace(one, values=np.where(there, one.values, np.nan))
        for key, one in person.signals.items()
    }
    now = [0.0]
    monkeypatch.setattr("physio_vad.live.stream.time.monotonic", lambda: now[0])
    with LivePage(stream) as page:
        feed(stream, page, replace(person, signals=signals))
        now[0] = 0.9
        messages = listen(page, 32)
        predictions = [one for kind, one in messages if kind == "prediction"]
        assert predictions[-1]["withheld"] == "quality 0.00 is below 0.3"
        assert set(predictions[-1]["values"].values()) == {None}
        assert all(one["stale"] for one in messages[-1][1]["sensors"])


def test_it_is_refused_to_others(stream):
    with LivePage(stream) as page:
        status, headers, text = ask(page)
        assert (status, "physio-vad live" in text) == (200, True)
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'sha256-")
        assert "unsafe" not in policy
        for path, more in {
            "/": {"Host": "evil.example"},
            "/events": {"Host": "evil.example:80"},
            "/?": {"Origin": "http://evil.example"},
        }.items():
            assert ask(page, path, **more)[0] == 403
        assert ask(page, "/page.py")[0] == 404
    with pytest.raises(ArgumentError, match="token must not be empty"):
        LivePage(stream, host="0.0.0.0", token="")
    with LivePage(stream, token="secret") as page:
        assert [ask(page, path)[0] for path in ("/", "/?token=wrong", "/?token=secret")] == [
            *(403, 403, 200)
        ]
        assert ask(page, "/events?token=wrong")[0] == 403
        assert ask(page, "/rate", "POST", "{}", Content_Type="application/json")[0] == 403


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 99999), ("x" * 70, 0), ("a..b", 0)])
def test_an_address_that_is_none_is_refused(stream, host, port):
    with pytest.raises(ArgumentError, match=f"cannot listen on {host}:{port}"):
        LivePage(stream, host=host, port=port)


def test_another_host_gets_a_token_of_its_own(stream):
    with LivePage(stream, host="0.0.0.0") as page, LivePage(stream, host="0.0.0.0") as other:
        assert len(page.token) > 20
        assert page.token != other.token
        assert page.address.endswith(page.token)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"valence": 99}', "lies in"),
        ('{"joy": 1}', "no target 'joy'"),
        ("[1]", "items"),
        ("nonsense", "Expecting value"),
        ('{"valence": "x"}', "could not convert"),
    ],
)
def test_a_rating_that_cannot_be_is_refused_with_the_reason(stream, skin_people, body, why):
    with LivePage(stream) as page:
        feed(stream, page, skin_people[1].crop(0, 12))
        status, _, text = ask(page, "/rate", "POST", body, Content_Type="application/json")
        assert (status, why in json.loads(text)["error"]) == (400, True)
        plain = ask(page, "/rate", "POST", '{"valence": 5}', Content_Type="text/plain")
        assert plain[0] == 404
        assert stream.calibration.state()["valence"].n_ratings == 0


def test_a_rating_reaches_the_stream(stream, skin_people):
    with LivePage(stream) as page:
        feed(stream, page, skin_people[1].crop(0, 12))
        answer = ask(page, "/rate", "POST", '{"valence": 5}', Content_Type="application/json")
        assert answer[0] == 200
        told = listen(page, 4)[-1][1]["calibration"]
    assert told["valence"]["n_ratings"] == stream.calibration.state()["valence"].n_ratings == 1


@pytest.fixture
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    if shutil.which("chromium") is None:
        pytest.skip("needs a browser (chromium)")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_in_a_real_browser(browser, skin_model, skin_people, width, scheme):
    evil = replace(skin_model, targets=(EVIL, *skin_model.targets[1:]))
    evil = replace(evil, half_widths={"0.8": dict.fromkeys(evil.targets, 1.5)})
    stream = Stream(evil, evil.inputs, step=1, interval=0.8)
    with LivePage(stream) as page:
        view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        trouble = []
        view.on("console", lambda one: trouble.append(one.text))
        view.on("pageerror", lambda one: trouble.append(str(one)))
        view.goto(page.address)
        feed(stream, page, skin_people[1].crop(0, 30), until=25)
        view.wait_for_function(
            "document.querySelectorAll('.target b')[1].textContent.includes('.')"
        )
        view.keyboard.press("a")
        view.keyboard.press("7")
        view.get_by_text("arousal: 1 rating.").wait_for()
        view.get_by_role("alert").filter(has_text="no samples: eda").wait_for(timeout=3000)
        assert view.locator(".light.dead").count() == 2
        assert view.evaluate("document.documentElement.scrollWidth") <= width
        assert view.title() == "physio-vad live"
        assert view.locator("#targets").inner_text().count("<script>") == 1
        axe = resources.files("axe_playwright_python").joinpath("axe.min.js")
        view.evaluate(axe.read_text(encoding="utf-8"))
        found = view.evaluate("axe.run(document, {preload: false}).then((one) => one.violations)")
        assert [one["id"] for one in found] == []
        gone = replace(skin_people[1].crop(30, 45), signals=_without_values(skin_people[1]))
        feed(stream, page, gone)
        view.get_by_text("withheld: quality").wait_for()
        assert view.locator("#which button").count() == 2  # nobody said the scale of the third
        view.get_by_text("arousal: 1 rating.").wait_for()
        assert view.locator("#refused").inner_text() == ""
        trouble_before = list(trouble)
        view.keyboard.press("8")
        view.locator("#refused", has_text="moment was withheld").wait_for()
    view.get_by_role("alert").filter(has_text="the source has ended").wait_for()
    view.keyboard.press("8")
    view.locator("#refused", has_text="nothing is left to rate").wait_for()
    assert trouble_before == []
    assert all("400 (Bad Request)" in one for one in trouble)  # the browser's note of the refusal


def _without_values(recording):
    cut = recording.crop(30, 60).signals
    return {key: replace(one, values=np.full_like(one.values, np.nan)) for key, one in cut.items()}
