/// Returns when the condition holds, or when the task is cancelled, so that the time limit of a test ends the wait, too.
package func eventually(_ condition: () -> Bool) async {
    while !condition(), !Task.isCancelled { await Task.yield() }
}
