"""A TCP relay between a node and what it connects to, which can be cut."""

import asyncio
import threading


class Gate:
    """Lets bytes through to a port of 127.0.0.1. cut(): nothing passes any more, and nobody is told; mend(): what stood is
    closed, and new connections pass. Thread safety: any thread."""

    def __init__(self, to):
        self.to, self.is_cut, self.tasks = to, False, set()
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

    def mend(self):
        def on_loop():
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
            back, other = await asyncio.open_connection("127.0.0.1", self.to)
            async with asyncio.TaskGroup() as both:
                both.create_task(self.pass_on(reader, other))
                both.create_task(self.pass_on(back, writer))
        except (OSError, asyncio.CancelledError, ExceptionGroup):
            pass
        finally:
            self.tasks.discard(task)
            for each in (writer, other):
                if each is not None:
                    each.transport.abort()

    async def pass_on(self, reader, writer):
        while data := await reader.read(65536):
            await self.mended.wait()
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError
