import Foundation
import TestSupport

/// The Swift files under `Sources`.
enum SourceTree {
    struct File {
        /// The folder below `Sources`.
        let target: String
        /// The path from the root of the package.
        let path: String
        let text: String
    }

    static let root = Fixture.packageRoot.appending(path: "Sources", directoryHint: .isDirectory)

    /// The folders below `Sources`.
    static func targets() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.path).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// All Swift files, by path.
    static func files() throws -> [File] {
        try targets().flatMap { target in
            let folder = root.appending(path: target).path
            return try FileManager.default.subpathsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".swift") }
                .sorted()
                .map { name in
                    let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                    return File(target: target, path: "Sources/\(target)/\(name)", text: text)
                }
        }
    }
}
