/// What a target under `Sources` may import, after the table of rooms that the architecture follows.
struct Wall {
    /// The modules that may be imported; nil where everything may.
    let allowed: Set<String>?
    /// Why the wall stands, for the message.
    let reason: String

    func admits(_ module: String) -> Bool {
        guard let allowed, module != "Swift" else { return true }
        return allowed.contains(module)
    }

    static let collections: Set<String> = [
        "Collections", "OrderedCollections", "DequeModule", "HeapModule", "HashTreeCollections", "BitCollections",
    ]
    static let observed: Set<String> = ["Logging", "Metrics"]
    static let common: Set<String> =
        collections.union(observed).union(["HTTPTypes", "NIOCore", "Synchronization", "FoundationEssentials"])
    static let cLibrary: Set<String> = ["Glibc", "Musl", "Darwin"]
    static let nio: Set<String> = [
        "NIO", "NIOConcurrencyHelpers", "NIOCore", "NIOEmbedded", "NIOFoundationCompat", "NIOHTTP1", "NIOHTTP2",
        "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "NIOPosix", "NIOSSL", "NIOTransportServices", "NIOWebSocket",
    ]
    static let hummingbird: Set<String> = [
        "Hummingbird", "HummingbirdCore", "HummingbirdHTTP2", "HummingbirdRouter", "HummingbirdTLS",
    ]
    static let adapter: Set<String> =
        common.subtracting(["NIOCore"]).union(["CallDomain", "OutboundHTTP", "Crypto"])

    /// The wall of every folder under `Sources`.
    static let byTarget: [String: Wall] = [
        "CallDomain": Wall(
            allowed: collections.union(["Synchronization"]),
            reason: "the domain has no I/O, no clock and no Foundation"
        ),
        "CallFlow": Wall(
            allowed: collections.union(observed).union([
                "CallDomain", "CallStorage", "ServiceLifecycle", "Synchronization",
            ]),
            reason: "the flow talks to the book and to ports only, so that a whole gateway can be simulated"
        ),
        "CallStorage": Wall(
            allowed: collections.union(observed).union(["CallDomain", "Crypto", "Synchronization"]),
            reason: "a store knows values and its own engine, no vendor and no HTTP"
        ),
        "JournalFormat": Wall(
            allowed: ["CallDomain"],
            reason: "what a record looks like as bytes depends on what a record is, and on nothing that keeps bytes"
        ),
        "SQLiteJournal": Wall(
            allowed: cLibrary.union([
                "CallDomain", "FoundationEssentials", "GRDB", "GRDBSQLite", "JournalFormat", "Synchronization",
            ]),
            reason: "a journal knows records and its own engine; SQL does not leave it"
        ),
        "OutboundHTTP": Wall(
            allowed: cLibrary.union(["HTTPTypes"]),
            reason: "the outbound port is values and one protocol, and the C library reads and writes addresses"
        ),
        "CCurl": Wall(allowed: [], reason: "the system library holds no Swift"),
        "CPages": Wall(allowed: [], reason: "the pages hold no Swift"),
        "CurlTransport": Wall(
            allowed: common.union(cLibrary).union(["CCurl", "OutboundHTTP", "ServiceLifecycle"]),
            reason: "the engine serves the outbound port and knows no vendor"
        ),
        "TwilioAdapter": Wall(
            allowed: adapter.union(["Foundation", "FoundationXML"]),
            reason: "an adapter knows the domain, the outbound port and its own vendor"
        ),
        "UltravoxAdapter": Wall(
            allowed: adapter,
            reason: "an adapter knows the domain, the outbound port and its own vendor"
        ),
        "EventDelivery": Wall(
            allowed: adapter,
            reason: "what is sent to customers knows the domain and the outbound port, and no vendor"
        ),
        "Gateway": Wall(
            allowed: common.union(nio).union(hummingbird).union(cLibrary).union([
                "CPages", "CallDomain", "CallFlow", "EventDelivery", "TwilioAdapter", "UltravoxAdapter", "Crypto",
                "ServiceLifecycle",
            ]),
            reason: "the gateway reaches vendors through flow and adapters, never through the transport or the store"
        ),
        "Sandbox": Wall(
            allowed: common.union([
                "CurlTransport", "Crypto", "Foundation", "FoundationXML", "Hummingbird", "HummingbirdCore",
                "OutboundHTTP", "ServiceLifecycle",
            ]),
            reason: "the sandbox is a second reading of the vendors' documents and shares no code with our adapters"
        ),
        "CommandLineTool": Wall(allowed: nil, reason: "the one wiring function sees everything"),
        "Benchmarks": Wall(allowed: nil, reason: "benchmarks measure everything"),
    ]
}
