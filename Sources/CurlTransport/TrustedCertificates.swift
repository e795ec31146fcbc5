import CCurl
import FoundationEssentials
import Glibc

/// The file of certificates that an engine trusts.
///
/// It is a file, not a block of memory, because libcurl keeps the parsed certificates of a file for a day and would parse
/// a block anew for each connection: some 10 ms each on the one thread that serves all transfers. For the same reason no
/// directory of certificates is used beside it.
struct TrustedCertificates: Sendable {
    /// `nil` leaves the choice to libcurl: neither a system bundle was found nor a file configured.
    let path: String?
    /// The anonymous file behind ``path``, where there is one.
    private let descriptor: Int32?

    /// The system's bundle as it stands, or its union with `additionalFile`.
    ///
    /// `CURLOPT_CAINFO` *replaces* the system's certificates, so the union is written to an anonymous file in memory.
    init(additionalFile: String?, systemBundles: [String] = Self.systemBundles) throws(CurlEngineError) {
        let system = systemBundles.first { Glibc.access($0, R_OK) == 0 }
        guard let additionalFile else {
            (path, descriptor) = (system, nil)
            return
        }
        var union = try Self.read(additionalFile)
        guard union.contains("-----BEGIN CERTIFICATE-----".utf8) else {
            throw .unusableCAFile(path: additionalFile, reason: "holds no PEM certificate")
        }
        if let system {
            union.append(0x0A)
            union.append(try Self.read(system))
        }
        let descriptor = try Self.anonymousFile(union)
        self.descriptor = descriptor
        path = "/proc/self/fd/\(descriptor)"
    }

    /// Closes what ``init(additionalFile:systemBundles:)`` opened. No transfer may use the certificates any more.
    func close() {
        if let descriptor { _ = Glibc.close(descriptor) }
    }

    /// What libcurl was built for, then where the common distributions keep their bundle.
    static var systemBundles: [String] {
        var bundles: [String] = []
        if let version = ccurl_version_info(), let path = version.pointee.cainfo {
            bundles.append(String(cString: path))
        }
        return bundles + [
            "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem",
        ]
    }

    private static func read(_ path: String) throws(CurlEngineError) -> Data {
        do {
            return try Data(contentsOf: URL(filePath: path))
        } catch {
            throw .unusableCAFile(path: path, reason: "cannot be read")
        }
    }

    private static func anonymousFile(_ content: Data) throws(CurlEngineError) -> Int32 {
        let descriptor = ccurl_memory_file("trusted-certificates")
        guard descriptor >= 0 else { throw .libcurl("no memory file for certificates: error \(errno)") }
        var rest = [UInt8](content)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else {
                let number = errno
                _ = Glibc.close(descriptor)
                throw .libcurl("no memory file for certificates: error \(number)")
            }
            rest = rest.dropFirst(written)
        }
        return descriptor
    }
}
