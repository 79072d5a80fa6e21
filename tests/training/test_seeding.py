import os
import signal
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
import torch
from _data import global_states

from skcrowd.training._seeding import isolated_rng, released_rng


def draw(seed):
    with isolated_rng(seed):
        return torch.rand(3)


def test_the_seed_decides_what_is_drawn():
    assert torch.equal(draw(0), draw(0))
    assert not torch.equal(draw(0), draw(1))


def test_the_callers_generators_are_untouched():
    torch.manual_seed(5)
    before = global_states()
    draw(0)
    assert global_states() == before


def test_they_return_after_an_error_too():
    before = global_states()
    with pytest.raises(RuntimeError), isolated_rng(0):
        torch.rand(3) @ torch.rand(2)
    assert global_states() == before


@contextmanager
def another_thread():
    """One that computes something in the future."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit


def test_another_thread_waits_for_its_turn():
    alone = draw(1)
    with another_thread() as submit:
        with isolated_rng(0):
            first = torch.rand(1)
            drawn = submit(draw, 1)
            time.sleep(0.05)
            assert not drawn.done()
            both = torch.cat([first, torch.rand(2)])
        assert torch.equal(drawn.result(timeout=10), alone)
    assert torch.equal(both, draw(0))


def fail(error, depth):
    """Raise within some blocks."""
    with isolated_rng(depth):
        if depth:
            fail(error, depth - 1)
        raise error


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("depth", [0, 1])
def test_an_error_lets_others_in(error, depth):
    before = global_states()
    with pytest.raises(error):
        fail(error, depth)
    with another_thread() as submit:
        assert torch.equal(submit(draw, 0).result(timeout=10), draw(0))
    assert global_states() == before


def test_a_thread_that_waits_lets_others_in():
    """Else threads that train for it would wait for ever."""
    torch.manual_seed(5)
    before = global_states()
    with another_thread() as submit, isolated_rng(0):
        first = torch.rand(1)
        with isolated_rng(1), released_rng():
            assert global_states() == before
            assert torch.equal(submit(draw, 2).result(timeout=10), draw(2))
            torch.manual_seed(6)  # by code that knows nothing of this
            after = global_states()
        both = torch.cat([first, torch.rand(2)])
    assert torch.equal(both, draw(0))
    assert global_states() == after != before


def test_outside_a_block_nothing_is_released():
    before = global_states()
    with released_rng():
        assert global_states() == before
    with pytest.raises(RuntimeError), isolated_rng(0), released_rng():
        raise RuntimeError
    assert global_states() == before
    with another_thread() as submit:
        submit(draw, 0).result(timeout=10)


def in_fork(work):
    """Return the exit code of a forked process that does something."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # there are threads
        child = os.fork()
    if not child:
        signal.alarm(10)  # kills, if it waits for ever
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_forked_process_need_not_wait_for_a_thread_it_does_not_have():
    is_in, may_leave = Event(), Event()

    def stay():
        with isolated_rng(0):
            is_in.set()
            may_leave.wait(10)

    with another_thread() as submit:
        submit(stay)
        assert is_in.wait(10)
        assert in_fork(lambda: draw(1)) == 0
        may_leave.set()


def test_a_process_forked_within_a_block_is_in_it():
    def leave(block):
        before = torch.get_rng_state()
        block.__exit__(None, None, None)
        assert not torch.equal(torch.get_rng_state(), before)
        draw(1)

    block = isolated_rng(0)
    with block:
        assert in_fork(lambda: leave(block)) == 0
