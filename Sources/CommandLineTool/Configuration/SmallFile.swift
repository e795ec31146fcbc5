import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A small file, read so that nothing that a path may name can hold up the reader.
///
/// The errors say neither path nor content: either may be a secret that was put in the wrong place.
enum SmallFile {
    /// In bytes.
    static let largest = 1 << 20

    /// Reads a regular file; until `deadline` also a pipe, such as `<(command)` of a shell.
    /// - Parameters:
    ///   - path: absolute, or from the working directory on.
    ///   - deadline: when a pipe must have given everything; `nil` refuses all but regular files.
    /// - Returns: all of it, at most ``largest`` bytes.
    /// - Throws: why it cannot be used, as the rest of a sentence that begins with the file.
    static func content(
        _ path: String,
        pipesUntil deadline: ContinuousClock.Instant?
    ) throws(ValueFault) -> [UInt8] {
        // Without the flag the call itself waits for the other end of a pipe.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ValueFault(errno == ENOENT || errno == ENOTDIR ? "does not exist" : "cannot be read")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw ValueFault("cannot be read") }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw ValueFault("is a directory") }
        guard kind == S_IFREG || deadline != nil else {
            throw ValueFault("is no regular file but a pipe or a device: copy the content into a regular file")
        }
        let content = try read(descriptor, until: kind == S_IFREG ? nil : deadline)
        guard kind != S_IFIFO || !content.isEmpty else {
            throw ValueFault(
                "is a pipe that gives nothing, because nobody writes to it or because it was read before: write the "
                    + "value into a regular file, which can be read again"
            )
        }
        return content
    }

    /// Reads to the end; a regular file, which is always ready, has no `deadline`.
    private static func read(
        _ descriptor: Int32,
        until deadline: ContinuousClock.Instant?
    ) throws(ValueFault) -> [UInt8] {
        var content: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let deadline { try wait(descriptor, until: deadline) }
            let count = part.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                content += part[..<count]
                guard content.count <= largest else { throw ValueFault("is larger than 1 MiB") }
            } else if count == 0 {
                return content
            } else if errno != EINTR, errno != EAGAIN || deadline == nil {
                throw ValueFault("cannot be read")
            }
        }
    }

    private static func wait(_ descriptor: Int32, until deadline: ContinuousClock.Instant) throws(ValueFault) {
        let left = max(.zero, deadline - .now) / .milliseconds(1)
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = poll(&wanted, 1, Int32(left.rounded(.up)))
        guard ready != 0 else {
            throw ValueFault(
                "is a pipe or a device that did not give everything in time: write the value into a regular file, or "
                    + "see to it that the program at the other end writes at once and then closes it"
            )
        }
    }
}
