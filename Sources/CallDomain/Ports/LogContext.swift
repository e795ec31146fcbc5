/// Names that every log line of a task carries, such as the id of the request that caused it.
///
/// They follow the task and its child tasks, so that a line which is written far from where a name is known has it, too.
package enum LogContext {
    @TaskLocal package static var names: [String: String] = [:]

    /// Runs `body` with further names.
    package static func adding<Value>(
        _ more: [String: String],
        _ body: () async throws -> Value
    ) async rethrows -> Value {
        try await $names.withValue(names.merging(more) { $1 }, operation: body)
    }
}
