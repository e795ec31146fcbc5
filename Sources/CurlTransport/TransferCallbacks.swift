import CCurl
import Glibc
import OutboundHTTP

/// The functions that libcurl calls, on the engine's thread. They copy, count, and ask sockets; they never call libcurl,
/// lock or log.
///
/// SAFETY: each context is the unretained pointer to the ``Transfer`` whose handle libcurl is working on, which its loop
/// keeps alive until the handle was removed; for ``closeSocket`` it is that to the loop's ``WatchedConnections``, which
/// outlive the multi handle.
enum TransferCallbacks {
    static let prerequest: curl_prereq_callback = { context, peerAddress, localAddress, peerPort, localPort in
        guard let context else { return CURL_PREREQFUNC_ABORT }
        let ends = ConnectionEnds(
            local: .init(address: localAddress.map { String(cString: $0) } ?? "", port: Int(localPort)),
            peer: .init(address: peerAddress.map { String(cString: $0) } ?? "", port: Int(peerPort))
        )
        let mayBegin = transfer(context).beginPass(over: ends)
        return mayBegin ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }

    static let debug: curl_debug_callback = { _, kind, bytes, count, context in
        guard kind == CURLINFO_TEXT, let bytes, let context else { return 0 }
        if let notice = CurlNotice(UnsafeRawBufferPointer(start: bytes, count: count)) {
            transfer(context).notice(notice)
        }
        return 0
    }

    static let header: curl_write_callback = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return transfer(context).receive(headerLine: line) ? line.count : 0
    }

    static let body: curl_write_callback = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return transfer(context).receive(bodyPart: part) ? part.count : 0
    }

    static let openSocket: curl_opensocket_callback = { context, purpose, address in
        guard let context, let address, transfer(context).mayOpenSocket(to: ipAddress(address)) else {
            return CURL_SOCKET_BAD
        }
        let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        let opened = socket(address.pointee.family, kind, address.pointee.protocol)
        if opened >= 0 { transfer(context).connections.opened(opened) }
        return opened
    }

    static let closeSocket: curl_closesocket_callback = { context, socket in
        if let context { Unmanaged<WatchedConnections>.fromOpaque(context).takeUnretainedValue().closed(socket) }
        return close(socket)
    }

    private static func transfer(_ context: UnsafeMutableRawPointer) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }

    /// SAFETY: libcurl reserves room for the longest address behind the `sockaddr` that its structure declares, and
    /// `addrlen` says how much of it is used.
    private static func ipAddress(_ address: UnsafeMutablePointer<curl_sockaddr>) -> IPAddress? {
        guard let start = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return nil }
        let socketAddress = UnsafeRawBufferPointer(
            start: UnsafeRawPointer(address) + start,
            count: Int(address.pointee.addrlen)
        )
        switch address.pointee.family {
        case AF_INET where socketAddress.count >= 8: return IPAddress(bytes: socketAddress[4..<8])
        case AF_INET6 where socketAddress.count >= 24: return IPAddress(bytes: socketAddress[8..<24])
        default: return nil
        }
    }
}
