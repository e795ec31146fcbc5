import Glibc
import OutboundHTTP
import TestSupport
import Testing

@testable import CurlTransport

@Suite(.timeLimit(.minutes(1)))
struct PeerAddressTests {
    static let hasIPv6 = Canary(loopbackOfIPv6: true) != nil

    /// What comes of a POST to each of the URLs, and of a GET.
    private func errors(
        of urls: [String],
        _ configuration: CurlConfiguration = CurlConfiguration(peerAddresses: .publicOnly)
    ) async throws -> [TransportError?] {
        try await withEngine(configuration) { engine in
            var errors: [TransportError?] = []
            for url in urls {
                errors.append(await engine.outcome(.post(url)).error)
                errors.append(await engine.outcome(.get(url)).error)
            }
            return errors
        }
    }

    @Test(arguments: [
        ("https://127.0.0.1", "127.0.0.1 is a loopback address"),
        ("http://127.0.0.1", "127.0.0.1 is a loopback address"),
        ("https://2130706433", "127.0.0.1 is a loopback address"),
        ("https://0x7f000001", "127.0.0.1 is a loopback address"),
        ("https://0177.0.0.1", "127.0.0.1 is a loopback address"), ("https://127.1", "127.0.0.1 is a loopback address"),
        ("https://127.9.9.9", "127.9.9.9 is a loopback address"),
        ("https://[::ffff:127.0.0.1]", "::ffff:127.0.0.1 stands for 127.0.0.1, which is a loopback address"),
        ("https://[::ffff:7f00:1]", "::ffff:127.0.0.1 stands for 127.0.0.1, which is a loopback address"),
        ("https://[64:ff9b::7f00:1]", "64:ff9b::7f00:1 stands for 127.0.0.1, which is a loopback address"),
        ("https://0.0.0.0", "0.0.0.0 is an address of this network"),
        ("https://0", "0.0.0.0 is an address of this network"),
        ("https://169.254.169.254", "169.254.169.254 is a link-local address"),
        ("https://10.0.0.5", "10.0.0.5 is a private address"),
        ("https://[fd00:ec2::254]", "fd00:ec2::254 is a unique local address"),
    ])
    func `no packet goes to an address that is not public`(host: String, detail: String) async throws {
        let canary = try #require(Canary())
        let errors = try await errors(of: [host + ":\(canary.port)/"])
        #expect(
            errors
                == Array(
                    repeating: TransportError(delivery: .notSent, cause: .forbiddenAddress, detail: detail),
                    count: 2
                )
        )
        #expect(canary.visitors() == 0)
    }

    @Test(.enabled(if: hasIPv6), arguments: ["[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::1.2.3.4]", "localhost"])
    func `no packet goes to this machine by IPv6`(host: String) async throws {
        let canary = try #require(Canary(loopbackOfIPv6: true))
        let errors = try await errors(of: ["https://\(host):\(canary.port)/"])
        #expect(errors.map(\.?.cause) == [.forbiddenAddress, .forbiddenAddress])
        #expect(canary.visitors() == 0)
    }

    @Test(arguments: ["http://localhost", "https://localhost", "https://LOCALHOST", "https://canary.localhost"])
    func `no packet goes to this machine by a name`(origin: String) async throws {
        let canary = try #require(Canary())
        let errors = try await errors(of: ["\(origin):\(canary.port)/"])
        #expect(errors.map(\.?.cause) == [.forbiddenAddress, .forbiddenAddress])
        #expect(errors.map(\.?.delivery) == [.notSent, .notSent])
        #expect(canary.visitors() == 0)
    }

    @Test
    func `what a name resolves to decides, and the first refusal is told`() async throws {
        let canary = try #require(Canary())
        var configuration = CurlConfiguration(peerAddresses: .publicOnly)
        configuration.knownHosts = [
            "one.example:\(canary.port):127.0.0.1", "many.example:\(canary.port):10.0.0.5,127.0.0.1,192.168.0.1",
        ]
        let errors = try await errors(
            of: ["https://one.example:\(canary.port)/", "https://many.example:\(canary.port)/"],
            configuration
        )
        #expect(errors.map(\.?.cause) == Array(repeating: .forbiddenAddress, count: 4))
        #expect(
            errors.map(\.?.detail) == [
                "127.0.0.1 is a loopback address", "127.0.0.1 is a loopback address",
                "10.0.0.5 is a private address", "10.0.0.5 is a private address",
            ]
        )
        #expect(canary.visitors() == 0)
    }

    @Test
    func `of several addresses the first permitted one is taken`() async throws {
        let ledger = Ledger()
        let status = try await Wire.clear.withEcho(ledger: ledger) { origin in
            let port = try #require(origin.split(separator: ":").last)
            var configuration = CurlConfiguration(peerAddresses: .publicOrLoopback)
            configuration.knownHosts = ["localhost:\(port):10.0.0.5,192.168.0.1,127.0.0.1"]
            return try await withEngine(configuration) { engine in
                await engine.outcome(.post(origin.replacing("127.0.0.1", with: "localhost"))).status
            }
        }
        #expect(status == 200)
        #expect(ledger.connections == 1)
    }

    @Test
    func `an address that refuses is told as such, whatever stood beside it`() async throws {
        let refusing = try #require(Canary(listens: false))
        var configuration = CurlConfiguration(peerAddresses: .publicOrLoopback)
        configuration.knownHosts = ["receiver.example:\(refusing.port):10.0.0.5,127.0.0.1"]
        let errors = try await errors(of: ["https://receiver.example:\(refusing.port)/"], configuration)
        #expect(errors.map(\.?.cause) == [.connect, .connect])
        #expect(errors.map(\.?.delivery) == [.notSent, .notSent])
    }

    @Test
    func `loopback is permitted where it is asked for, and nothing else`() async throws {
        let ledger = Ledger()
        let (permitted, refused) = try await Wire.clear.withEcho(ledger: ledger) { origin in
            try await withEngine(CurlConfiguration(peerAddresses: .publicOrLoopback)) { engine in
                var refused: [TransportError.Cause?] = []
                for host in ["10.0.0.5", "0.0.0.0", "169.254.169.254", "[::]", "[fe80::1]", "[64:ff9b::7f00:1]"] {
                    let url = origin.replacing("http://127.0.0.1", with: "https://\(host)")
                    refused.append(await engine.outcome(.post(url)).error?.cause)
                }
                return (await engine.outcome(.post(origin)).status, refused)
            }
        }
        #expect(permitted == 200)
        #expect(refused == Array(repeating: .forbiddenAddress, count: 6))
        #expect(ledger.connections == 1)
    }

    @Test
    func `a proxy and a check of addresses exclude each other`() {
        for rule in [PeerAddresses.publicOnly, .publicOrLoopback] {
            #expect(throws: CurlEngineError.self) {
                try CurlEngine(
                    configuration: CurlConfiguration(proxy: "http://127.0.0.1:1", peerAddresses: rule),
                    logger: quietLogger
                )
            }
        }
    }

    /// In a process of its own: the environment belongs to all tests.
    @Test
    func `the environment's proxies are no way around it`() async {
        await #expect(processExitsWith: .success) {
            guard let proxy = Canary(), let target = Canary() else { preconditionFailure("no loopback address") }
            for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                setenv(name, "http://127.0.0.1:\(proxy.port)", 1)
            }
            let causes = try await withEngine(CurlConfiguration(peerAddresses: .publicOnly)) { engine in
                [
                    await engine.outcome(.post("https://localhost:\(target.port)/")).error?.cause,
                    await engine.outcome(.post("http://127.0.0.1:\(target.port)/")).error?.cause,
                    await engine.outcome(.post("https://10.0.0.5/")).error?.cause,
                ]
            }
            precondition(causes == [.forbiddenAddress, .forbiddenAddress, .forbiddenAddress])
            precondition(proxy.visitors() == 0 && target.visitors() == 0)
        }
    }
}
