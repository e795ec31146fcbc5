import Foundation

/// The part of the disk that configuration may look at.
struct Surroundings: Sendable {
    /// Where `.env` and `twiml/` are looked for, and where relative paths begin; `nil` looks for neither.
    let workingDirectory: URL?

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

    /// The content of a file of at most 1 MiB. The error says neither path nor content: either may be a secret that was
    /// put in the wrong place.
    func smallTextFile(_ path: String) throws(ValueFault) -> String {
        let limit = 1 << 20
        let path = absolutePath(path)
        guard FileManager.default.fileExists(atPath: path) else { throw ValueFault("does not exist") }
        guard !isDirectory(path) else { throw ValueFault("is a directory") }
        let content: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            content = try handle.read(upToCount: limit + 1) ?? Data()
        } catch {
            throw ValueFault("cannot be read")
        }
        guard content.count <= limit else { throw ValueFault("is larger than 1 MiB") }
        guard let text = String(validating: content, as: UTF8.self) else { throw ValueFault("is not UTF-8 text") }
        return text
    }
}
