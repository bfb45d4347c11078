"""A TCP relay between a node and what it connects to, which can be cut or broken in other ways."""

import asyncio
import socket
import struct
import threading

FAILURE = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
TROUBLES = ("hang", "reset", "error", "drip")


class Gate:
    """Lets bytes through to a port of 127.0.0.1. cut(): nothing passes any more, and nobody is told; mend(): what stood is
    closed, and new connections pass. break_by(trouble): cut, or what stood is closed, and new connections are reset, have each
    request answered with 500, or get their answers a byte a second. Thread safety: any thread."""

    def __init__(self, to):
        self.to, self.trouble, self.tasks = to, None, set()
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        self.thread = threading.Thread(target=self.run, args=[started], daemon=True)
        self.thread.start()
        started.wait()

    def run(self, started):
        asyncio.set_event_loop(self.loop)
        self.mended = asyncio.Event()
        self.mended.set()
        self.server = self.loop.run_until_complete(asyncio.start_server(self.take, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        started.set()
        self.loop.run_forever()

    def call(self, function):
        done = threading.Event()

        def on_loop():
            function()
            done.set()

        self.loop.call_soon_threadsafe(on_loop)
        done.wait()

    def cut(self):
        self.call(self.mended.clear)

    def break_by(self, trouble):
        assert trouble in TROUBLES
        if trouble == "hang":
            return self.cut()
        return self.begin_anew(trouble)

    def mend(self):
        self.begin_anew(None)

    def begin_anew(self, trouble):
        def on_loop():
            self.trouble = trouble
            for task in self.tasks:
                task.cancel()
            self.mended.set()

        self.call(on_loop)

    def stop(self):
        asyncio.run_coroutine_threadsafe(self.close(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    async def close(self):
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await asyncio.sleep(0)  # transports end in the loop's next turn

    async def take(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        other = None
        try:
            await self.mended.wait()
            if self.trouble == "reset":
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if self.trouble == "error":
                while True:
                    await reader.readuntil(b"\r\n\r\n")
                    writer.write(FAILURE)
            back, other = await asyncio.open_connection("127.0.0.1", self.to)
            async with asyncio.TaskGroup() as both:
                both.create_task(self.pass_on(reader, other))
                both.create_task(self.pass_on(back, writer, self.trouble == "drip"))
        except (OSError, EOFError, asyncio.CancelledError, ExceptionGroup):
            pass
        finally:
            self.tasks.discard(task)
            for each in (writer, other):
                if each is not None:
                    each.transport.abort()

    async def pass_on(self, reader, writer, drips=False):
        while data := await reader.read(1 if drips else 65536):
            await self.mended.wait()
            writer.write(data)
            await writer.drain()
            if drips:
                await asyncio.sleep(1)
        raise ConnectionResetError
