// swift-tools-version:6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "switchboard",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "switchboard", targets: ["CommandLineTool"])
    ],
    traits: [
        .trait(name: "SQLite", description: "The journal in an SQLite file. Needs libsqlite3-dev."),
        .default(enabledTraits: ["SQLite"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", exact: "2.28.1"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration.git", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
    ],
    targets: [
        .target(name: "CallDomain", dependencies: [.collections], swiftSettings: settings),
        .target(
            name: "CallFlow",
            dependencies: ["CallDomain", "CallStorage", .collections, .heap, .logging, .metrics, .serviceLifecycle],
            swiftSettings: settings
        ),
        .target(name: "CallStorage", dependencies: ["CallDomain", .crypto], swiftSettings: settings),
        .target(name: "JournalFormat", dependencies: ["CallDomain"], swiftSettings: settings),
        .target(
            name: "SQLiteJournal",
            dependencies: ["CallDomain", "JournalFormat", .grdb, .sqlite],
            swiftSettings: settings
        ),
        .target(name: "OutboundHTTP", dependencies: [.httpTypes], swiftSettings: settings),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CPages", exclude: ["docs.html", "docs"]),
        .target(
            name: "CurlTransport",
            dependencies: ["CCurl", "OutboundHTTP", .httpTypes, .logging, .metrics, .serviceLifecycle],
            swiftSettings: settings
        ),
        .target(
            name: "TwilioAdapter",
            dependencies: ["CallDomain", "OutboundHTTP", .httpTypes, .logging, .crypto, .collections],
            swiftSettings: settings
        ),
        .target(
            name: "UltravoxAdapter",
            dependencies: ["CallDomain", "OutboundHTTP", .httpTypes, .logging, .crypto, .collections],
            swiftSettings: settings
        ),
        .target(
            name: "EventDelivery",
            dependencies: ["CallDomain", "OutboundHTTP", .httpTypes, .crypto],
            swiftSettings: settings
        ),
        .target(
            name: "Gateway",
            dependencies: [
                "CallDomain", "CallFlow", "CPages", "EventDelivery", "TwilioAdapter", "UltravoxAdapter",
                .hummingbird, .hummingbirdCore, .nioCore, .nioHTTP1, .nioHTTPTypes, .nioHTTPTypesHTTP1, .nioPosix,
                .httpTypes, .logging, .metrics, .collections, .crypto, .serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Sandbox",
            dependencies: [
                "OutboundHTTP", "CurlTransport",
                .hummingbird, .hummingbirdCore, .nioCore, .httpTypes, .logging, .crypto, .collections,
                .serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "CommandLineTool",
            dependencies: [
                "CallDomain", "CallFlow", "CallStorage", "CurlTransport", "EventDelivery", "Gateway", "OutboundHTTP",
                "Sandbox", "SQLiteJournal", "TwilioAdapter", "UltravoxAdapter",
                .argumentParser, .configuration, .hummingbird, .httpTypes, .logging, .metrics, .nioCore,
                .serviceLifecycle, .unixSignals, .crypto, .collections,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "BenchmarkLives",
            dependencies: ["CallDomain"],
            path: "Benchmarks/BenchmarkLives",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "JournalBenchmark",
            dependencies: ["BenchmarkLives", "CallDomain", "CallStorage", "JournalFormat", "SQLiteJournal"],
            path: "Benchmarks/JournalBenchmark",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ScaleBenchmark",
            dependencies: ["BenchmarkLives", "CallDomain", "CallStorage"],
            path: "Benchmarks/ScaleBenchmark",
            swiftSettings: settings
        ),
        .target(
            name: "TestSupport",
            dependencies: ["CallDomain", .collections, .logging],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "CallDomainTests",
            dependencies: ["CallDomain", "TestSupport", .collections],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CallFlowTests",
            dependencies: [
                "CallDomain", "CallFlow", "CallStorage", "TestSupport", "TwilioAdapter", .collections, .logging,
                .serviceLifecycle, .serviceLifecycleTestKit,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CallStorageTests",
            dependencies: ["CallDomain", "CallStorage", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "JournalFormatTests",
            dependencies: ["CallDomain", "JournalFormat", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SQLiteJournalTests",
            dependencies: [
                "BenchmarkLives", "CallDomain", "CallStorage", "JournalFormat", "SQLiteJournal", "TestSupport", .grdb,
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "OutboundHTTPTests", dependencies: ["OutboundHTTP", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "CurlTransportTests",
            dependencies: [
                "CCurl", "CurlTransport", "OutboundHTTP", "TestSupport", .httpTypes, .logging, .nioCore, .nioPosix,
                .nioHTTP1,
                .nioHTTP2, .nioSSL, .serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TwilioAdapterTests",
            dependencies: [
                "CallDomain", "OutboundHTTP", "TwilioAdapter", "TestSupport", .httpTypes, .logging, .crypto,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "UltravoxAdapterTests",
            dependencies: [
                "CallDomain", "OutboundHTTP", "UltravoxAdapter", "TestSupport", .collections, .httpTypes, .logging,
                .crypto,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EventDeliveryTests",
            dependencies: ["CallDomain", "EventDelivery", "OutboundHTTP", "TestSupport", .httpTypes],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "CallDomain", "CallFlow", "CallStorage", "Gateway", "TwilioAdapter", "UltravoxAdapter", "OutboundHTTP",
                "TestSupport", .collections, .hummingbird, .hummingbirdTesting, .httpTypes, .logging, .nioCore,
                .nioPosix, .crypto, .metrics, .serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SandboxTests",
            dependencies: [
                "Sandbox", "CurlTransport", "OutboundHTTP", "TestSupport", .hummingbird, .httpTypes, .logging, .crypto,
                .serviceLifecycle, .nioCore,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "CallDomain", "CallFlow", "CallStorage", "TestSupport", .collections, .logging, .serviceLifecycle,
                .serviceLifecycleTestKit,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CommandLineToolTests",
            dependencies: [
                "CallDomain", "CommandLineTool", "CurlTransport", "Gateway", "JournalFormat", "OutboundHTTP", "Sandbox",
                "TestSupport", "TwilioAdapter", "UltravoxAdapter", .argumentParser, .httpTypes, .logging, .nioCore,
                .serviceLifecycle, .unixSignals,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CallDomain", "CommandLineTool", "CurlTransport", "Gateway", "OutboundHTTP", "Sandbox", "TwilioAdapter",
                "UltravoxAdapter", "TestSupport", .collections, .httpTypes, .logging, .crypto, .serviceLifecycle,
                .nioCore,
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6],
    // For #embed.
    cLanguageStandard: .gnu2x
)

extension Target.Dependency {
    static let argumentParser: Self = .product(name: "ArgumentParser", package: "swift-argument-parser")
    static let collections: Self = .product(name: "OrderedCollections", package: "swift-collections")
    static let configuration: Self = .product(name: "Configuration", package: "swift-configuration")
    static let crypto: Self = .product(name: "Crypto", package: "swift-crypto")
    /// With the trait alone, and libsqlite3 with it.
    static let grdb: Self = .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["SQLite"]))
    static let sqlite: Self = .product(name: "GRDBSQLite", package: "GRDB.swift", condition: .when(traits: ["SQLite"]))
    static let heap: Self = .product(name: "HeapModule", package: "swift-collections")
    static let httpTypes: Self = .product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird: Self = .product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore: Self = .product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting: Self = .product(name: "HummingbirdTesting", package: "hummingbird")
    static let logging: Self = .product(name: "Logging", package: "swift-log")
    static let metrics: Self = .product(name: "Metrics", package: "swift-metrics")
    static let nioCore: Self = .product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1: Self = .product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTPTypes: Self = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioHTTPTypesHTTP1: Self = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
    static let nioHTTP2: Self = .product(name: "NIOHTTP2", package: "swift-nio-http2")
    static let nioPosix: Self = .product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL: Self = .product(name: "NIOSSL", package: "swift-nio-ssl")
    static let serviceLifecycleTestKit: Self = .product(
        name: "ServiceLifecycleTestKit",
        package: "swift-service-lifecycle"
    )
    static let serviceLifecycle: Self = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals: Self = .product(name: "UnixSignals", package: "swift-service-lifecycle")
}
