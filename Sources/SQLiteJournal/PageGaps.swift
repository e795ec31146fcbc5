#if SQLite
import GRDB
import GRDBSQLite

/// What stands in a page between the pointers to its cells and the cells: nothing that counts.
///
/// `secure_delete` overwrites a cell where it is when it is deleted. One that moved to another page before, because a tree was
/// balanced, may have left its bytes in the gap of the former page. SQLite never looks at them, and nothing but another cell
/// overwrites them.
enum PageGaps {
    /// From so many pages on, the first byte of a page's number is that of a tree's page.
    private static let most = 2 << 24

    /// Overwrites the gaps of pages in the file itself, through SQLite's own handle of it. Whoever reads the page meanwhile
    /// reads the same cells; whoever loses power finds them. The write-ahead log must be empty, and nobody else may write.
    /// - Returns: how many pages the file has.
    static func overwrite(from first: Int, count: Int, in database: Database) throws -> Int {
        let size = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        guard size > 0, pages < most, first < pages else { return pages }
        let file = try OpenFile(database)
        let begin = first * size
        var bytes = [UInt8](repeating: 0, count: min(count, pages - first) * size)
        try file.read(&bytes, at: begin)
        var isChanged = false
        for page in stride(from: 0, to: bytes.count, by: size) {
            guard let gap = gap(of: bytes[page..<page + size], isFirst: begin + page == 0),
                bytes[gap].contains(where: { $0 != 0 })
            else { continue }
            try file.overwrite(begin + gap.lowerBound..<begin + gap.upperBound)
            isChanged = true
        }
        if isChanged { try file.sync() }
        return pages
    }

    /// Lets the connection read all pages again. No transaction may be under way.
    static func forgetPages(of database: Database) { _ = sqlite3_db_release_memory(database.sqliteConnection) }

    /// - Returns: `nil` where there is none, or the page is not one of a tree.
    /// - SeeAlso: https://www.sqlite.org/fileformat2.html#b_tree_pages
    static func gap(of page: ArraySlice<UInt8>, isFirst: Bool) -> Range<Int>? {
        let header = page.startIndex + (isFirst ? 100 : 0)
        func number(_ offset: Int) -> Int { Int(page[header + offset]) << 8 | Int(page[header + offset + 1]) }
        let length: Int
        switch page[header] {
        case 2, 5: length = 12
        case 10, 13: length = 8
        default: return nil
        }
        let begin = header + length + 2 * number(3)
        // 65,536 does not fit into its two bytes.
        let end = page.startIndex + (number(5) == 0 ? 1 << 16 : number(5))
        return begin < end && end <= page.endIndex ? begin..<end : nil
    }
}

/// The database's file as SQLite has it open: to open it once more, and close that, would give up SQLite's locks.
private struct OpenFile {
    private let file: UnsafeMutablePointer<sqlite3_file>
    private let methods: sqlite3_io_methods

    init(_ database: Database) throws {
        var found: UnsafeMutablePointer<sqlite3_file>?
        let code = withUnsafeMutablePointer(to: &found) { pointer in
            sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, pointer)
        }
        guard code == SQLITE_OK, let found, let methods = found.pointee.pMethods else {
            throw DatabaseError(resultCode: code == SQLITE_OK ? .SQLITE_MISUSE : ResultCode(rawValue: code))
        }
        (file, self.methods) = (found, methods.pointee)
    }

    func read(_ bytes: inout [UInt8], at offset: Int) throws {
        try check(
            bytes.withUnsafeMutableBytes { bytes in
                methods.xRead(file, bytes.baseAddress, Int32(bytes.count), Int64(offset))
            }
        )
    }

    /// With zeros.
    func overwrite(_ range: Range<Int>) throws {
        let zeros = [UInt8](repeating: 0, count: range.count)
        try check(
            zeros.withUnsafeBytes { zeros in
                methods.xWrite(file, zeros.baseAddress, Int32(zeros.count), Int64(range.lowerBound))
            }
        )
    }

    func sync() throws { try check(methods.xSync(file, SQLITE_SYNC_NORMAL)) }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
}
#endif
