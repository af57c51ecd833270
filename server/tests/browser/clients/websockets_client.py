"""A client on Python's `websockets`, in JSON: joins, flies in circles, says hello, and ends when it has heard OTHERS
others. Usage: websockets_client.py HOST:PORT NAME OTHERS
"""

import asyncio
import json
import sys

import websockets


async def play(address: str, name: str, others: int) -> None:
    heard: set[str] = set()
    frames = 0
    url = f"ws://{address}/ws"
    async with websockets.connect(url, subprotocols=["emberdrift.json"], compression=None) as socket:

        async def send(message: object) -> None:
            await socket.send(json.dumps(message))

        await send({"Hello": {"name": name}})
        async for text in socket:
            message = json.loads(text)
            if "Welcome" in message:
                await send({"Chat": f"hello from {name}"})
                continue
            frame = message["Frame"]
            frames += 1
            held = {"buttons": (1, 8, 2, 4)[(frames >> 4) % 4], "aim": frames * 512 % 65536}
            await send({"Input": {"input": held, "ack": frame["head"]["tick"] % 256}})
            for notice in frame["notices"]:
                lines = [notice["Chat"]] if "Chat" in notice else notice.get("ChatHistory", [])
                for line in lines:
                    print(f"heard {line['name']}: {line['text']}", flush=True)
                    heard |= {line["name"]} - {name}
            if len(heard) >= others:
                return
        raise SystemExit(f"closed by the server: {socket.close_code} {socket.close_reason}")


if __name__ == "__main__":
    address, name, others = sys.argv[1:]
    asyncio.run(asyncio.wait_for(play(address, name, int(others)), timeout=90))
