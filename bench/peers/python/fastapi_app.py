"""FastAPI, httpx and asyncio.gather, as most Python aggregators are written. No deadline, breaker or retry."""

import asyncio
import itertools
import os
import time
from urllib.parse import quote

import httpx
import uvicorn
from fastapi import FastAPI

USER_URL = os.environ["USER_SERVICE_URL"] + "/users/"
ORDER_URL = os.environ["ORDER_SERVICE_URL"] + "/orders?user_id="
RECOMMENDATION_URL = os.environ["RECOMMENDATION_SERVICE_URL"] + "/recommendations/"
DEADLINE_MS = 1500

requests = itertools.count(1)
# As many connections a source as there are requests under way; the default is 100 in all.
limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=30)
client = httpx.AsyncClient(limits=limits, trust_env=False)
app = FastAPI()


def elapsed_ms(started_at):
    return round((time.perf_counter() - started_at) * 1000)


async def fetch(url, started_at):
    response = await client.get(url)
    response.raise_for_status()
    return response.json(), {"status": "fresh", "elapsedMs": elapsed_ms(started_at), "attempts": 1}


@app.get("/dashboard/{user_id}")
async def dashboard(user_id: str):
    started_at = time.perf_counter()
    encoded = quote(user_id, safe="")
    (user, user_report), (orders, orders_report), (recommendations, recommendations_report) = await asyncio.gather(
        fetch(USER_URL + encoded, started_at),
        fetch(ORDER_URL + encoded, started_at),
        fetch(RECOMMENDATION_URL + encoded, started_at),
    )
    return {
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


uvicorn.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), log_level="error", access_log=False)
