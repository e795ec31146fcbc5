import Foundation

/// The real gzip, against which ours is checked.
enum Gunzip {
    /// How many bytes a file inflates to.
    /// - Throws: when the file is damaged.
    static func length(of file: [UInt8]) async throws -> Int {
        struct Damaged: Error {}
        let place = FileManager.default.temporaryDirectory.appending(path: "bomb-\(UUID().uuidString).gz")
        try Data(file).write(to: place)
        defer { try? FileManager.default.removeItem(at: place) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "gzip -t \"$1\" && gzip -dc \"$1\" | wc -c", "sh", place.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    returning: String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                )
            }
        }
        guard let length = Int(output.trimmingCharacters(in: .whitespacesAndNewlines)) else { throw Damaged() }
        return length
    }
}
