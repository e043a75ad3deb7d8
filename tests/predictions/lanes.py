"""lanes.py - jobs side by side where they leave the CPUs idle; others alone."""
import threading


class Lanes:
    def __init__(self, n):
        self.n, self.taken, self.waiting = n, 0, threading.Condition()

    def enter(self, places):
        with self.waiting:
            self.waiting.wait_for(lambda: self.taken + places <= self.n)
            self.taken += places

    def leave(self, places):
        with self.waiting:
            self.taken -= places
            self.waiting.notify_all()

    def run(self, jobs):
        """Each job is (is it light?, a function), begun in their order; returns when all are done.  Raises the first
        exception of a job, then."""
        jobs, turn = iter(jobs), threading.Lock()
        faults = []

        def work():
            while True:
                with turn:
                    light, job = next(jobs, (None, None))
                    if job is None:
                        return
                    places = 1 if light else self.n
                    self.enter(places)
                try:
                    job()
                except Exception as e:
                    faults.append(e)
                finally:
                    self.leave(places)

        workers = [threading.Thread(target=work, daemon=True) for _ in range(self.n)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if faults:
            raise faults[0]
