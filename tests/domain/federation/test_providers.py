"""The file of providers: what it means, and where it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrap.errors import BadSetting
from bootstrap.settings import ROOT, Settings
from domain.federation.levels import level_of
from domain.federation.providers import BadProviders, read
from domain.identity.sessions import Level
from tests.support.oidc import entry


def one(**more: Any) -> dict[str, Any]:
    made = entry("people", "natural", issuer="https://id.example", internal=False, plain=False)
    return {**made, **more}


def test_the_example_is_good() -> None:
    raw = yaml.safe_load((ROOT / "deploy" / "providers.yaml.example").read_text("utf-8"))
    found = read(raw)
    assert [each.audience for each in found.every] == ["natural", "legal", "staff"]
    assert found.only_admins
    assert found.every[0].secret == "OIDC_PEOPLE"
    assert [each.key for each in found.of(applicants=False)] == ["government-staff"]


def test_a_file_is_read_at_start(tmp_path: Path) -> None:
    path = tmp_path / "providers.yaml"
    path.write_text(yaml.safe_dump({"providers": [one()]}), encoding="utf-8")
    settings = Settings.from_environment({"LIANBAN_HOME": str(tmp_path), "LIANBAN_PROVIDERS": str(path)})
    assert [each.key for each in settings.providers.every] == ["people"]
    path.write_text("providers: [", encoding="utf-8")
    with pytest.raises(BadSetting, match="YAML"):
        Settings.from_environment({"LIANBAN_HOME": str(tmp_path), "LIANBAN_PROVIDERS": str(path)})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"issuer": "http://id.example"}, "issuer"),
        ({"issuer": "https://id.example?x=1"}, "issuer"),
        ({"issuer": ""}, "issuer"),
        ({"clientSecret": "in clear"}, "clientSecret"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"algorithms": []}, "algorithms"),
        ({"authMethod": "tls"}, "authMethod"),
        ({"audience": "robots"}, "audience"),
        ({"claims": {"name": "name"}}, "claims"),
        ({"claims": {"idNo": "n", "name": "name", "age": "age"}}, "age"),
        ({"levels": {"real-name": {"acr": ["x"]}}}, "source"),
        ({"levels": {"real-name": {"source": "x"}}}, "acr"),
        ({"levels": {"highest": {"acr": ["x"], "source": "x"}}}, "highest"),
        ({"plain": True}, "plain"),
        ({"hosts": ["a b"]}, "hosts"),
        ({"seconds": {"skew": 3600}}, "skew"),
        ({"seconds": {"skew": True}}, "skew"),
        ({"unknown": 1}, "unknown"),
        ({"key": "Not A Key"}, "key"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadProviders, match=place):
        read({"providers": [one(**change)]})


@pytest.mark.parametrize(
    "raw", [[], "x", None, {"providers": "x"}, {"localLogin": "nobody"}, {"providers": [one(), one()]}]
)
def test_a_file_that_is_no_list_of_providers(raw: Any) -> None:
    with pytest.raises(BadProviders):
        read(raw)


def test_levels_are_read_from_claims() -> None:
    [provider] = read(
        {
            "providers": [
                one(
                    levels={
                        "real-name": {"acr": ["n"], "source": "x"},
                        "real-person": {"acr": ["n", "p"], "amr": ["face"], "source": "x"},
                    }
                )
            ]
        }
    ).every
    assert level_of({}, provider.levels) is Level.NONE
    assert level_of({"acr": "n"}, provider.levels) is Level.REAL_NAME
    assert level_of({"acr": "p", "amr": ["pwd"]}, provider.levels) is Level.NONE
    assert level_of({"acr": "n", "amr": ["pwd", "face"]}, provider.levels) is Level.REAL_PERSON
    assert provider.acr_values(Level.REAL_NAME) == ("n", "p")
