import CSystem
import SNNCore

/// The name of a temporary file: "<base>.tmp-<process>-<number>", which tells who made it.
enum TemporaryName {
    private static let mark = ".tmp-"
    /// Linux allows names of 255 bytes; the rest is room for the mark, two numbers and ".prev".
    private static let maximumBase = 220

    /// With NUL at its end.
    static func make(for name: [CChar], process: pid_t, number: UInt32) -> [CChar] {
        prefix(for: name) + FilePath.characters("\(process)-\(number)") + [0]
    }

    /// What all temporary files for `name` begin with.
    static func prefix(for name: [CChar]) -> [CChar] {
        guard name.count > maximumBase else { return name + FilePath.characters(mark) }
        // FNV-1a keeps long names with the same begin apart.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for character in name {
            hash = (hash ^ UInt64(UInt8(bitPattern: character))) &* 0x100_0000_01b3
        }
        return name.prefix(maximumBase - 24) + FilePath.characters("~\(hash)\(mark)")
    }

    /// The process that made the file `name`; nil when it is none of these.
    static func process(of name: UnsafePointer<CChar>, prefix: [CChar]) -> pid_t? {
        let matches = prefix.withUnsafeBufferPointer { prefix in
            prefix.baseAddress.map { strncmp(name, $0, prefix.count) == 0 } ?? false
        }
        guard matches else { return nil }
        var position = prefix.count
        var process: Int = 0
        while name[position] >= 0x30 && name[position] <= 0x39 && process <= Int(pid_t.max) {
            process = process * 10 + Int(name[position]) - 0x30
            position += 1
        }
        guard name[position] == 0x2d, process > 0 else { return nil }
        return pid_t(exactly: process)
    }
}

/// What killed processes left when they died while saving.
enum StaleFiles {
    /// Removes temporary files for this target whose process is gone; nobody else's, and nothing
    /// when the directory cannot be read: it is a courtesy.
    static func remove(beside target: SaveTarget, in directory: Directory) {
        // A descriptor of its own: reading moves its position, closing the list closes it.
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let reading = snnsys_openat(directory.descriptor, ".", flags, 0)
        guard reading >= 0 else { return }
        guard let list = fdopendir(reading) else {
            _ = close(reading)
            return
        }
        defer { _ = closedir(list) }
        let prefix = TemporaryName.prefix(for: target.name)
        while let name = snnsys_next_name(list) {
            guard let process = TemporaryName.process(of: name, prefix: prefix),
                kill(process, 0) != 0, snnsys_errno() == ESRCH
            else {
                continue
            }
            _ = unlinkat(directory.descriptor, name, 0)
        }
    }
}
