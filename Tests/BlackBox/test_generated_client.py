"""A client that openapi-python-client generates from `GET /openapi.json` places calls and follows them to their end.

The generator warns of what it does not understand, and a warning fails the test. Two things it passes over without one: the
style of a `deepObject` parameter, so that its members must be given as they stand in the URL, `metadata[order]`
(findings/generated-client-spreads-a-deep-object.sh), and event streams, which are read through the client's own httpx.
"""

import importlib
import json
import os
import pkgutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from uuid import UUID

import pytest

from harness.delivering import deliver
from harness.process import description

PACKAGE = "generated_switchboard_client"
# So that programs of packages are found, as in an activated environment.
TOOLS = {"PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"], "NO_COLOR": "1"}


def start(*command, **options):
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **TOOLS}, **options
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """The package, and the functions of all operations by their names."""
    directory = tmp_path_factory.mktemp("generated")
    (directory / "openapi.json").write_text(json.dumps(description().document))
    command = "openapi-python-client generate --meta none --fail-on-warning --path openapi.json --output-path".split()
    output = start(*command, PACKAGE, cwd=directory)
    assert output.strip() == f"Generating {PACKAGE}"
    sys.path.insert(0, str(directory))
    try:
        root = importlib.import_module(PACKAGE)
        modules = [
            importlib.import_module(module.name) for module in pkgutil.walk_packages(root.__path__, f"{PACKAGE}.")
        ]
    finally:
        sys.path.remove(str(directory))
    operations = {module.__name__.rpartition(".")[2]: module for module in modules if hasattr(module, "sync_detailed")}
    return SimpleNamespace(
        directory=directory,
        client=root.AuthenticatedClient,
        models=importlib.import_module(f"{PACKAGE}.models"),
        operations=operations,
        api=SimpleNamespace(**operations),
    )


@pytest.fixture(scope="module")
def api(generated):
    return generated.api


@pytest.fixture(scope="module")
def models(generated):
    return generated.models


@pytest.fixture(scope="module")
def client(generated, world):
    """A caller of the gateway for whom an answer that is not described is an error."""
    return generated.client(
        base_url=str(world.gateway.origin), token=world.gateway.api_key, raise_on_unexpected_status=True, timeout=60
    )


@pytest.fixture(scope="module")
def agent(api, models, client):
    made = api.create_agent.sync(
        client=client,
        body=models.AgentRequest(name="generated", prompt="Remind {{name}}. Be brief.", temperature=0.3, tools=["hangUp"]),
    )
    assert isinstance(made.id, UUID) and made.status == models.AgentStatusType0.ACTIVE
    assert made.config.prompt == "Remind {{name}}. Be brief." and made.config.voice is None
    return made


@pytest.fixture
def place(api, models, client, agent, world):
    def place(**members):
        order = models.Order(
            phone_number=world.numbers.take(), template_context=models.TemplateValues.from_dict({"name": "Jane"}), **members
        )
        call = api.place_call.sync(agent.id, client=client, body=order)
        assert isinstance(call, models.Call), call
        return call, world.life_of({"id": call.id, "call_sid": call.call_sid}, order.phone_number)

    return place


def test_it_has_every_operation_and_no_undefined_name(generated):
    assert set(generated.operations) == {operation["operationId"] for _, _, operation in description().operations()}
    start("ruff", "check", "--isolated", "--no-cache", "--select", "E9,F63,F7,F82", PACKAGE, cwd=generated.directory)


def test_a_call_is_placed_and_followed_to_its_end(api, models, client, place, world):
    call, life = place(record=True)
    assert call.status == models.CallStatusType0.QUEUED and call.join_url.startswith("wss://")
    with ThreadPoolExecutor(1) as waiting:
        end = waiting.submit(api.get_call.sync, call.id, client=client, wait=models.GetCallWait.TERMINAL, timeout=30)
        deliver(world, *life.completed())
        over = end.result()
    assert over.status == models.CallStatusType0.COMPLETED
    assert over.duration_seconds == 47 and over.ended_at > over.answered_at > over.ringing_at
    # What Ultravox tells comes after the end.
    conversation = api.get_call.sync(call.id, client=client).conversation
    assert conversation.end_reason == "agent_hangup" and conversation.ended_at < over.ended_at
    kinds = models.TimelineEntryTypeType0
    assert {kinds.CALL_PENDING, kinds.CALL_ANSWERED, kinds.CALL_COMPLETED} <= {entry.type_ for entry in over.timeline}
    assert api.get_transcript.sync(call.id, client=client).data == []


def test_calls_are_listed_by_change_and_by_metadata(api, models, client, place, world):
    first, _ = place(metadata=models.OrderMetadataType0.from_dict({"order": "7731"}))
    second, life = place(metadata=models.OrderMetadataType0.from_dict({"order": "7732"}))
    since = api.get_call.sync(second.id, client=client).position
    deliver(world, *life.completed())
    assert [call.id for call in api.list_calls.sync(client=client, updated_after=since).data] == [second.id]
    changed = api.list_calls.sync(client=client, updated_after=first.created_at).data
    assert [call.id for call in changed][-1] == second.id and {first.id, second.id} <= {call.id for call in changed}

    ordered = models.ListCallsMetadata.from_dict({"metadata[order]": "7731"})
    assert [call.id for call in api.list_calls.sync(client=client, metadata=ordered).data] == [first.id]
    statuses = [models.ListCallsStatusItem.COMPLETED, models.ListCallsStatusItem.BUSY]
    assert second.id in [call.id for call in api.list_calls.sync(client=client, status=statuses).data]
    # Without the brackets the filter would be lost; the gateway tells.
    lost = api.list_calls.sync(client=client, metadata=models.ListCallsMetadata.from_dict({"order": "7731"}))
    assert lost.code == models.ProblemCodeType0.VALIDATION_FAILED and lost.errors[0].field == "order"


def test_problems_say_what_is_wrong(api, models, client, generated, agent, place, world):
    refused = api.place_call.sync(agent.id, client=client, body=models.Order(phone_number="0212"))
    assert isinstance(refused, models.Problem) and refused.status == 422
    assert refused.code == models.ProblemCodeType0.VALIDATION_FAILED
    assert [error.field for error in refused.errors] == ["phone_number"]
    unknown = api.get_call.sync_detailed("call_01jd9z7q0v3r2m8k4t6w5x1y0a", client=client)
    assert unknown.status_code == 404 and unknown.parsed.code == models.ProblemCodeType0.NOT_FOUND
    assert unknown.parsed.request_id == unknown.headers["X-Request-ID"]

    call, life = place()
    again = models.Order(phone_number=call.to, template_context=models.TemplateValues.from_dict({"name": "Jane"}))
    busy = api.place_call.sync(agent.id, client=client, body=again)
    assert busy.code == models.ProblemCodeType0.NUMBER_BUSY and busy.call_id == call.id
    deliver(world, *life.completed())
    ended = api.hang_up_call.sync(call.id, client=client)
    assert ended.code == models.ProblemCodeType0.CALL_NOT_LIVE

    stranger = generated.client(base_url=str(world.gateway.origin), token="wrong")
    assert api.list_calls.sync(client=stranger).code == models.ProblemCodeType0.UNAUTHORIZED


def test_a_call_is_ended_and_erased(api, models, client, place, world):
    call, life = place()
    assert isinstance(api.hang_up_call.sync(call.id, client=client), models.Call)
    deliver(world, life.status("canceled", 1, 2))
    erased = api.erase_call.sync_detailed(call.id, client=client)
    assert (erased.status_code, erased.headers["Location"]) == (204, f"/erasures/{call.id}")
    assert api.get_erasure.sync(call.id, client=client).call_id == call.id
    assert api.get_call.sync(call.id, client=client).code == models.ProblemCodeType0.NOT_FOUND


def test_words_of_a_later_version_are_taken(api, models, client, place):
    call, _ = place()
    known = api.get_call.sync(call.id, client=client).to_dict()
    later = models.Call.from_dict({
        **known,
        "status": "on-hold",
        "direction": "sideways",
        "mood": "good",
        "timeline": [{**known["timeline"][0], "type": "call.sung", "source": "choir"}],
    })
    assert (later.status, later.direction, later["mood"]) == ("on-hold", "sideways", "good")
    assert (later.timeline[0].type_, later.timeline[0].source) == ("call.sung", "choir")
    problem = api.get_call.sync("call_01jd9z7q0v3r2m8k4t6w5x1y0a", client=client).to_dict()
    assert models.Problem.from_dict({**problem, "code": "too_loud"}).code == "too_loud"


def test_a_stream_is_read_through_its_httpx_client(api, models, client, place, world):
    call, life = place()
    deliver(world, *life.completed())
    with client.get_httpx_client().stream(**api.stream_call_events._get_kwargs(call.id)) as answer:
        assert answer.status_code == 200
        types = []
        for line in answer.iter_lines():
            if line.startswith("data:"):
                event = models.Event.from_dict(json.loads(line.removeprefix("data:")))
                assert event.data.id == call.id
                types.append(event.type_)
            if types and types[-1] == models.EventTypeType0.CALL_COMPLETED:
                break
    assert models.EventTypeType0.CALL_RINGING in types


def test_the_rest_of_the_api_answers(api, models, client, agent):
    assert agent.id in [found.id for found in api.list_agents.sync(client=client, search="generated").data]
    body = models.AgentRequest(name="generated-2", prompt="Be brief.", first_speaker=models.AgentRequestFirstSpeakerType0.AGENT)
    other = api.create_agent.sync(client=client, body=body)
    replaced = api.replace_agent.sync(other.id, client=client, body=models.AgentRequest(name="generated-3", prompt="Be kind."))
    assert (replaced.config.name, replaced.config.first_speaker) == ("generated-3", "user")
    assert api.delete_agent.sync_detailed(other.id, client=client).status_code == 204
    assert api.get_agent.sync(other.id, client=client).code == models.ProblemCodeType0.NOT_FOUND
    for enabled in (False, True):
        assert api.set_dialing.sync(client=client, body=models.DialingRequest(enabled=enabled)).enabled is enabled
    assert api.get_dialing.sync(client=client).reason is None
    assert api.get_health.sync(client=client).status == models.HealthStatusType0.OK
    assert api.get_readiness.sync(client=client).status == models.ReadinessStatusType0.READY
    assert api.get_liveness.sync_detailed(client=client).status_code == 200
    assert "switchboard_" in api.get_metrics.sync(client=client)
    assert api.list_dead_letters.sync(client=client, limit=1).next_cursor is None
    assert api.get_openapi.sync(client=client)["openapi"] == description().document["openapi"]
