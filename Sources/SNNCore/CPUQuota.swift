import CSystem

/// The share of the machine's CPU time that control groups leave to the process.
package enum CPUQuota {
    /// The smallest limit of the process's groups and those above them, in CPUs, rounded up and at
    /// least 1; nil when there is none.
    ///
    /// - Parameters:
    ///   - groups: the path of /proc/self/cgroup, lines of "number:controllers:group".
    ///   - root: where the group file systems are mounted.
    package static func read(groups: String, root: String) -> Int? {
        guard let lines = text(of: groups) else { return nil }
        var least: Int?
        for line in lines.split(separator: "\n") {
            let fields = line.split(
                separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let found: Int?
            if fields[1].isEmpty {
                found = leastLimit(in: String(fields[2]), under: root, limitOfVersion2)
            } else if fields[1].split(separator: ",").contains("cpu") {
                found = leastLimit(in: String(fields[2]), under: root + "/cpu", limitOfVersion1)
            } else {
                continue
            }
            if let found { least = min(least ?? found, found) }
        }
        return least
    }

    /// The least limit of a group and those above it; inside a container the mounted root is the
    /// group itself, and deeper folders are missing.
    private static func leastLimit(
        in group: String, under root: String, _ limit: (String) -> Int?
    ) -> Int? {
        var folder = root
        var least = limit(folder)
        for name in group.split(separator: "/") where name != ".." {
            folder += "/" + name
            if let found = limit(folder) { least = min(least ?? found, found) }
        }
        return least
    }

    /// cpu.max holds "max 100000" or quota and period in microseconds.
    private static func limitOfVersion2(_ folder: String) -> Int? {
        guard let fields = text(of: folder + "/cpu.max")?.split(separator: " "), fields.count == 2
        else { return nil }
        return count(quota: integer(fields[0]), period: integer(fields[1]))
    }

    private static func limitOfVersion1(_ folder: String) -> Int? {
        guard let quota = text(of: folder + "/cpu.cfs_quota_us"),
            let period = text(of: folder + "/cpu.cfs_period_us")
        else { return nil }
        return count(quota: integer(quota[...]), period: integer(period[...]))
    }

    /// A quota of -1 is none.
    private static func count(quota: Int?, period: Int?) -> Int? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return max(1, (quota - 1) / period + 1)
    }

    private static func integer(_ text: Substring) -> Int? {
        text.last == "\n" ? Int(text.dropLast()) : Int(text)
    }

    /// The first 4096 bytes of a small file.
    private static func text(of path: String) -> String? {
        let file = snnsys_open_for_reading(path)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { CSystem.read(file, $0.baseAddress, $0.count) }
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
