"""A designer at a trial run: what is asked of the API, in short words."""

from typing import Any

from tests.api.browser import Browser
from tests.engine import kit


class Trial:
    """A trial and the requests on it; every answer must be good."""

    def __init__(self, browser: Browser, *contents: bytes, **more: Any) -> None:
        self.browser = browser
        files = [{"name": f"m{n}.bpmn", "content": content.decode()} for n, content in enumerate(contents)]
        made = browser.post("/trials", {"name": "t", "resources": files, **more})
        assert made.status_code == 201, made.text
        self.made: Any = made.json
        self.path = f"/trials/{self.made['id']}"

    def get(self, rest: str = "") -> Any:
        answer = self.browser.get(self.path + rest)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, rest: str, body: Any = None) -> Any:
        answer = self.browser.post(self.path + rest, {} if body is None else body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json

    def start(self, process: str = "p", **variables: Any) -> Any:
        return self.post("/instances", {"processId": process, "variables": variables})

    def tasks(self) -> list[str]:
        return sorted(task["elementId"] for task in self.get("/tasks")["items"])

    def complete(self, element: str, **variables: Any) -> Any:
        task = next(task for task in self.get("/tasks")["items"] if task["elementId"] == element)
        return self.post(f"/tasks/{task['id']}/complete", {"variables": variables})

    def history(self, kinds: str, **more: Any) -> list[str]:
        rest = "".join(f"&{name}={value}" for name, value in more.items())
        return [row["elementId"] or row["kind"] for row in self.get(f"/history?kinds={kinds}{rest}")["items"]]


TWO_STEPS = kit.document(
    kit.start()
    + kit.user("ask")
    + kit.node("exclusiveGateway", "big", default="f_big_small")
    + kit.service("check", "credit.check")
    + kit.user("small")
    + kit.end()
    + kit.chain("start", "ask", "big")
    + kit.flow("big", "check", "amount > 100")
    + kit.chain("big", "small", "end")
    + kit.flow("check", "end")
)
