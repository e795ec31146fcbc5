/// For whom a task works, so that what many clients share is shared fairly.
///
/// It follows the task and its child tasks; work that was handed to the background works for nobody.
package enum Requester {
    /// The name of the API key whose request caused this task.
    @TaskLocal package static var apiKey: String?
}
