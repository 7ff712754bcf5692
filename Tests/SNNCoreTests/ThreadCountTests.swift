import Foundation
import SNNCore
import Testing

@Suite(.serialized)
struct ThreadCountTests {
    @Test func theSetterWinsAndZeroIsAutomatic() {
        let automatic = ThreadPool.defaultThreadCount
        #expect((1...256).contains(automatic))
        defer { ThreadPool.setDefaultThreadCount(0) }
        ThreadPool.setDefaultThreadCount(7)
        #expect(ThreadPool.defaultThreadCount == 7)
        ThreadPool.setDefaultThreadCount(1000)
        #expect(ThreadPool.defaultThreadCount == 256)
        ThreadPool.setDefaultThreadCount(0)
        #expect(ThreadPool.defaultThreadCount == automatic)
    }

    @Test(arguments: [
        ("1", 1), ("256", 256), ("0", nil), ("257", nil), ("", nil), ("4x", nil), ("-2", nil),
        ("99999999999999999999", nil),
    ])
    func readsTheVariable(text: String, expected: Int?) {
        #expect(ThreadPool.environmentCount(text) == expected)
    }

    /// Files by path under a folder of their own; the quota of a process in `groups`.
    private func quota(_ groups: String, _ files: [String: String]) throws -> Int? {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in files.merging(["groups": groups], uniquingKeysWith: { $1 }) {
            let file = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: false, encoding: .utf8)
        }
        return CPUQuota.read(groups: root.path + "/groups", root: root.path)
    }

    @Test func readsQuotasOfBothVersions() throws {
        #expect(try quota("0::/\n", [:]) == nil)
        #expect(try quota("0::/\n", ["cpu.max": "max 100000\n"]) == nil)
        #expect(try quota("0::/\n", ["cpu.max": "150000 100000\n"]) == 2)
        #expect(try quota("0::/\n", ["cpu.max": "1000 100000\n"]) == 1)
        #expect(
            try quota("0::/a/b\n", ["a/b/cpu.max": "max 100000\n", "a/cpu.max": "300000 100000\n"])
                == 3)
        #expect(try quota("0::/../x\n", ["cpu.max": "garbage\n"]) == nil)
        let version1 = ["cpu/docker/cpu.cfs_quota_us": "250000\n", "cpu/docker/cpu.cfs_period_us": "100000\n"]
        #expect(try quota("5:memory:/\n4:cpu,cpuacct:/docker\n", version1) == 3)
        let unlimited = ["cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"]
        #expect(try quota("4:cpu,cpuacct:/\n", unlimited) == nil)
    }
}
