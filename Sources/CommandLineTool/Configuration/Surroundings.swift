import Foundation

/// The part of the disk that configuration may look at.
struct Surroundings: Sendable {
    /// Where `.env` and `twiml/` are looked for, and where relative paths begin; `nil` looks for neither.
    let workingDirectory: URL?
    /// When pipes must have given what they hold, all of them together.
    private let pipeDeadline: ContinuousClock.Instant

    /// How long pipes have at the start of a command: `NAME_FILE=<(command)` may have to ask a server for a secret.
    static let patienceAtStart = Duration.seconds(15)
    /// The same at a reload, which must not take long: the old secrets are in use until it is over.
    static let patienceAtReload = Duration.seconds(1)

    /// - Parameters:
    ///   - workingDirectory: see ``workingDirectory``.
    ///   - patience: how long pipes have from now on.
    init(workingDirectory: URL?, pipesWithin patience: Duration = patienceAtStart) {
        self.workingDirectory = workingDirectory
        pipeDeadline = .now + patience
    }

    /// The absolute form of a path as written in a setting.
    func absolutePath(_ path: String) -> String {
        guard let workingDirectory, !path.hasPrefix("/") else { return path }
        return workingDirectory.appending(path: path).path(percentEncoded: false)
    }

    func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: absolutePath(path), isDirectory: &isDirectory)
            && isDirectory.boolValue
    }

    /// `twiml` in the working directory, if it is there.
    var usualTwiMLDirectory: String? {
        workingDirectory != nil && isDirectory("twiml") ? absolutePath("twiml") : nil
    }

    /// The content of `.env`; `nil` if there is none.
    func dotEnv() throws(ValueFault) -> String? {
        guard let workingDirectory else { return nil }
        let path = workingDirectory.appending(path: ".env").path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try smallTextFile(path)
    }

    /// Reads a small text.
    /// - Parameters:
    ///   - path: as written in a setting.
    ///   - isRegular: whether it must be a regular file, because it is read more than once.
    /// - Returns: the content, of 1 MiB at most.
    /// - Throws: why there is none. Says neither path nor content: either may be a secret that was put in the wrong place.
    func smallTextFile(_ path: String, isRegular: Bool = false) throws(ValueFault) -> String {
        let content = try SmallFile.content(absolutePath(path), pipesUntil: isRegular ? nil : pipeDeadline)
        guard let text = String(validating: content, as: UTF8.self) else { throw ValueFault("is not UTF-8 text") }
        return text
    }
}
