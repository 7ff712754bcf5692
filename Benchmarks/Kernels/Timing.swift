import CSystem

/// The median time of a call in seconds, after calls that warm up. Calls shorter than a sample are
/// timed several at a time, so that the clock costs nothing.
func medianSeconds(over seconds: Double, of call: () -> Void) -> Double {
    let sample = 50e-6
    var start = now()
    var one = timed(1, call)
    while now() - start < 0.1 * seconds { one = timed(1, call) }
    let count = one < sample ? Int(sample / max(one, 1e-9)) + 1 : 1
    var samples: [Double] = []
    start = now()
    repeat { samples.append(timed(count, call)) } while now() - start < seconds
    samples.sort()
    return samples[samples.count / 2]
}

/// Seconds of one of `count` calls.
private func timed(_ count: Int, _ call: () -> Void) -> Double {
    let start = now()
    for _ in 0..<count { call() }
    return (now() - start) / Double(count)
}

private func now() -> Double { Double(snnsys_monotonic_time()) * 1e-9 }
