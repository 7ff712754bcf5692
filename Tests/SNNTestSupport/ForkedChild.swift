import CSystem

/// Runs `body` in a forked child, for what would disturb the other tests of the process: limits,
/// hooks, signals. Its result is the exit status from 0 to 255, a signal gives its negative number.
///
/// The child has 10 seconds and is started once more when they pass: the fork may have caught
/// another test's thread inside the Swift runtime, whose locks then stay locked in the child. A
/// fault of ours hangs both times and gives -14.
package func inChild(_ body: () -> Int32) -> Int32 {
    let result = forkOnce(body)
    return result == -SIGALRM ? forkOnce(body) : result
}

private func forkOnce(_ body: () -> Int32) -> Int32 {
    let child = fork()
    if child == 0 {
        // The threads that tests run on block it.
        var alarmSignal = sigset_t()
        sigemptyset(&alarmSignal)
        sigaddset(&alarmSignal, SIGALRM)
        pthread_sigmask(SIG_UNBLOCK, &alarmSignal, nil)
        alarm(10)
        _exit(body())
    }
    var status: Int32 = 0
    guard child > 0, waitpid(child, &status, 0) == child else { return -1000 }
    return status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
}
