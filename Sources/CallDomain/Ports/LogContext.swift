/// Names that every log line of a task carries, such as the id of the request that caused it.
///
/// They follow the task and its child tasks, so that a line which is written far from where a name is known has it, too.
package enum LogContext {
    @TaskLocal package static var names: [String: String] = [:]

    /// Runs `body` with further names.
    package static func adding<Value, Failure: Error>(
        _ more: [String: String],
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await $names.withValue(names.isEmpty ? more : names.merging(more) { $1 }) {
            do throws(Failure) {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
