package import Foundation

/// Files of `fixtures/`, found from the place of this source file, so that no working directory matters.
package enum Fixture {
    /// The root of the package.
    package static let packageRoot = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// `fixtures/`.
    package static let root = packageRoot.appending(path: "fixtures", directoryHint: .isDirectory)

    /// The bytes of `fixtures/<path>`.
    package static func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: root.appending(path: path))
    }

    /// `fixtures/<path>`, decoded from JSON.
    package static func decode<Value: Decodable>(_ type: Value.Type = Value.self, from path: String) throws -> Value {
        try JSONDecoder().decode(type, from: bytes(path))
    }

    /// The names of the files of `fixtures/<folder>`, sorted, each with the folder before it.
    package static func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
            .filter { !$0.hasPrefix(".") }
            .sorted()
            .map { "\(folder)/\($0)" }
    }
}
