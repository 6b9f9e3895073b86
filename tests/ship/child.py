"""A worker process for the tests of shipping: a Receiver behind two pipes, without the pool."""

import pickle
import sys


def run_task(job, task):
    """What run_task does as far as shipping is concerned."""
    from paracell.run.job import TaskResult

    values = []
    try:
        if job.whole_task:
            return TaskResult(list(job.compute(task.items)))
        for item in task.items:
            values.append(job.compute(item, None))
    except BaseException as error:
        if error.args == ("cut off",):
            raise  # as where a task is cancelled
        return TaskResult(values, error=error)
    return TaskResult(values)


def main():
    from paracell.ship.worker import Receiver

    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    receiver = Receiver(run_task)
    while True:
        try:
            operation, *arguments = pickle.load(source)
        except EOFError:
            return
        answer = None
        if operation == "define":
            key, payload, buffers = arguments
            receiver.define(key, memoryview(payload), [memoryview(bytearray(b)) for b in buffers])
            continue
        if operation == "forget":
            receiver.forget(*arguments)
            continue
        if operation == "task":
            job, payload, buffers = arguments
            try:
                result, out = receiver.task(job, memoryview(payload), [memoryview(bytearray(b)) for b in buffers])
                answer = (bytes(result), [bytes(b) for b in out])
            except KeyboardInterrupt:
                answer = None
        elif operation == "check":
            answer = receiver.check()
        elif operation == "call":
            answer = eval(arguments[0], {"receiver": receiver, "sys": sys})
        pickle.dump(answer, sink)
        sink.flush()


if __name__ == "__main__":
    main()
