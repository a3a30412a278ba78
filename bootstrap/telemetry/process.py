"""What the processes of the node use of the machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import psutil
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class ProcessCollector(Collector):
    """The node's first process and all it started, without the embedded PostgreSQL."""

    def __init__(self, root_pid: int) -> None:
        self._root = root_pid

    def collect(self) -> Iterator[Metric]:
        """CPU seconds, memory, threads, open files, summed; ended processes count no more."""
        cpu, memory, threads, files, count = 0.0, 0, 0, 0, 0
        for process in self._family():
            with suppress(psutil.Error), process.oneshot():
                times = process.cpu_times()
                cpu += times.user + times.system
                memory += process.memory_info().rss
                threads += process.num_threads()
                files += process.num_fds()
                count += 1
        yield GaugeMetricFamily("lianban_node_processes", "Processes of the node.", value=count)
        yield CounterMetricFamily("lianban_node_cpu_seconds", "CPU time of the node's living processes.", value=cpu)
        yield GaugeMetricFamily("lianban_node_resident_bytes", "Memory of the node's processes.", value=memory)
        yield GaugeMetricFamily("lianban_node_threads", "Threads of the node's processes.", value=threads)
        yield GaugeMetricFamily(
            "lianban_node_open_files", "Open files and sockets of the node's processes.", value=files
        )

    def _family(self) -> list[psutil.Process]:
        try:
            root = psutil.Process(self._root)
            return [root, *(child for child in root.children(recursive=True) if child.name() != "postgres")]
        except psutil.Error:
            return []
