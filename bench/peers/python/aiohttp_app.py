"""The same fan-out with aiohttp on both sides and asyncio.gather. No schema, deadline, breaker or retry."""

import asyncio
import itertools
import os
import time
from urllib.parse import quote

from aiohttp import ClientSession, TCPConnector, web

USER_URL = os.environ["USER_SERVICE_URL"] + "/users/"
ORDER_URL = os.environ["ORDER_SERVICE_URL"] + "/orders?user_id="
RECOMMENDATION_URL = os.environ["RECOMMENDATION_SERVICE_URL"] + "/recommendations/"
DEADLINE_MS = 1500

requests = itertools.count(1)


def elapsed_ms(started_at):
    return round((time.perf_counter() - started_at) * 1000)


async def fetch(session, url, started_at):
    async with session.get(url) as response:
        response.raise_for_status()
        data = await response.json()
    return data, {"status": "fresh", "elapsedMs": elapsed_ms(started_at), "attempts": 1}


async def dashboard(request):
    started_at = time.perf_counter()
    user_id = request.match_info["user_id"]
    encoded = quote(user_id, safe="")
    session = request.app["session"]
    (user, user_report), (orders, orders_report), (recommendations, recommendations_report) = await asyncio.gather(
        fetch(session, USER_URL + encoded, started_at),
        fetch(session, ORDER_URL + encoded, started_at),
        fetch(session, RECOMMENDATION_URL + encoded, started_at),
    )
    return web.json_response(
        {
            "status": "success",
            "userId": user_id,
            "data": {"user": user, "orders": orders, "recommendations": recommendations},
            "missing": [],
            "stale": [],
            "sources": {
                "user": user_report,
                "orders": orders_report,
                "recommendations": recommendations_report,
            },
            "meta": {
                "requestId": f"req-{next(requests)}",
                "elapsedMs": elapsed_ms(started_at),
                "deadlineMs": DEADLINE_MS,
            },
        }
    )


async def with_session(app):
    # As many connections a source as there are requests under way; the default is 100 in all.
    app["session"] = ClientSession(connector=TCPConnector(limit=0, keepalive_timeout=30))
    yield
    await app["session"].close()


app = web.Application()
app.cleanup_ctx.append(with_session)
app.router.add_get("/dashboard/{user_id}", dashboard)
web.run_app(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), access_log=None, print=None)
