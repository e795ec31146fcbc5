import ServiceLifecycle

/// Waits until the gateway begins to stop.
///
/// It stays within the caller's task, where the library's own way starts unstructured tasks: those run on the global
/// executor, whatever executor the caller prefers.
/// - Returns: whether the stop began; not so if the task was cancelled.
func stopHasBegun() async -> Bool {
    let (stop, signal) = AsyncStream<Never>.makeStream()
    return await withGracefulShutdownHandler {
        for await _ in stop {}
        return !Task.isCancelled
    } onGracefulShutdown: {
        signal.finish()
    }
}

/// Runs `operation`, and cancels it when the gateway begins to stop.
func cancelledByStop<Value: Sendable>(_ operation: @Sendable @escaping () async -> Value) async -> Value {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await operation() }
        group.addTask {
            _ = await stopHasBegun()
            return nil
        }
        while let value = await group.next() {
            group.cancelAll()
            if let value { return value }
        }
        preconditionFailure("an operation ended without a value")
    }
}
