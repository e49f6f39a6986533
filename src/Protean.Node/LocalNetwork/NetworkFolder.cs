using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Configuration;
using Protean.Node.Keys;
using Protean.Node.Storage;
using Protean.Runtime;
using Protean.Units.Directory;
using Protean.Units.Randomness;
using Protean.Workflows;

namespace Protean.Node.LocalNetwork;

/// <summary>One node of a development network.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Folder">Its configuration, keys, data and log.</param>
/// <param name="Record">As the genesis has it.</param>
public sealed record LocalNode(int Number, string Folder, NodeRecord Record)
{
    public string ConfigurationFile => Path.Combine(Folder, "node.json");
    public string LogFile => Path.Combine(Folder, "log");
    public Uri Api => new(Record.ApiAddress);
}

/// <summary>A development network on disk: <c>genesis</c>, <c>passphrase</c> of all its keys, and <c>nodes/N/</c> with node.json, keys and data, as each
/// node would have them on a machine of its own.</summary>
public sealed class NetworkFolder
{
    private const string GenesisName = "genesis", PassphraseName = "passphrase", Unfinished = ".new";

    // A leader that does not answer is passed over after D; on loopback only an overloaded machine is slower than this.
    private static readonly (string Name, ulong Value)[] Parameters = [(UnitMemberParts.DelayParameter, 250), (UnitMemberParts.MaxDelayParameter, 4_000)];

    private NetworkFolder(string path, Genesis genesis)
    {
        (Root, Genesis) = (path, genesis);
        Nodes = [.. genesis.Nodes.Select((record, i) => new LocalNode(i + 1, FolderOf(path, i + 1), record))];
    }

    public string Root { get; }
    public Genesis Genesis { get; }
    public IReadOnlyList<LocalNode> Nodes { get; }
    public string PassphraseFile => Path.Combine(Root, PassphraseName);
    public NetworkShape Shape => new(
        Genesis.Nodes.Count, Genesis.Units.Max(static unit => unit.Members.Count),
        (int)(Genesis.Number(DirectoryUnit.EpochLengthParameter, 0) / 1000), (int)(Genesis.Number(Beacon.PeriodParameter, 0) / 1000),
        Genesis.Units.Count(static unit => unit.Class == PlanVerifier.StateClass));

    /// <summary>Whether a network was made there before.</summary>
    public static bool IsThere(string folder) => File.Exists(Path.Combine(folder, GenesisName));

    /// <summary>Makes a network, whole or not at all.</summary>
    /// <exception cref="RefusedException">The folder holds something else.</exception>
    public static NetworkFolder Create(string folder, NetworkShape shape)
    {
        var root = Path.GetFullPath(folder);
        if (File.Exists(root) || (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any())) throw new RefusedException(LocalRefusals.FolderTaken(root));
        var making = root + Unfinished;
        if (Directory.Exists(making)) Directory.Delete(making, recursive: true);
        Directory.CreateDirectory(Path.GetDirectoryName(root)!);
        DurableFolder.Create(making);
        var passphrase = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        PrivateFile.Create(Path.Combine(making, PassphraseName), System.Text.Encoding.ASCII.GetBytes(passphrase));
        GenesisFile.Write(Path.Combine(making, GenesisName), MakeNodes(making, shape, passphrase));
        if (Directory.Exists(root)) Directory.Delete(root);
        Directory.Move(making, root);
        return Open(root);
    }

    /// <exception cref="RefusedException">The genesis is unreadable or not valid.</exception>
    public static NetworkFolder Open(string folder)
    {
        var root = Path.GetFullPath(folder);
        return new NetworkFolder(root, GenesisFile.Read(Path.Combine(root, GenesisName)));
    }

    /// <summary>The genesis of equal committees around the circle of nodes.</summary>
    public static Genesis MakeGenesis(string name, ulong timeMs, NetworkShape shape, IReadOnlyList<NodeRecord> nodes, IReadOnlyList<NamedValue> parameters) => new(
        name, timeMs, nodes,
        [
            .. shape.Units.Select((unit, position) => new UnitSpec(
                unit.Class, unit.Ordinal, [.. shape.MembersOf(position).Select(node => nodes[node].NodeId)],
                Committee.DefaultQuorum(shape.Members), Committee.DefaultThreshold(shape.Members))),
        ],
        parameters);

    private static Genesis MakeNodes(string root, NetworkShape shape, string passphrase)
    {
        const string Name = "development";
        var timeMs = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var ports = LoopbackPorts.Pick(2 * shape.Nodes);
        var records = new List<NodeRecord>();
        for (var i = 0; i < shape.Nodes; i++)
        {
            var (peer, api) = (Loopback(ports[2 * i]), Loopback(ports[(2 * i) + 1]));
            var folder = FolderOf(root, i + 1);
            Directory.CreateDirectory(folder);
            WriteConfiguration(Path.Combine(folder, "node.json"), peer, api);
            using var keys = NodeKeys.Create(Path.Combine(folder, "keys"), Passphrase.FromText(passphrase), KeyCost.Development, SystemRandom.Instance);
            using var epoch = keys.CreateEpoch(0, SystemRandom.Instance);
            var description = new NodeDescription($"operator-{i + 1}", peer, $"http://{api}");
            records.Add(NodeRecords.ForGenesis(keys, epoch, description, Name, timeMs, SystemRandom.Instance));
        }
        (string Name, ulong Value)[] periods =
            [(DirectoryUnit.EpochLengthParameter, (ulong)shape.EpochSeconds * 1000), (Beacon.PeriodParameter, (ulong)shape.BeaconSeconds * 1000)];
        return MakeGenesis(
            Name, timeMs, shape, records, [.. Parameters.Concat(periods).Select(static set => new NamedValue(set.Name, Values.OfU64(set.Value)))]);
    }

    private static void WriteConfiguration(string path, string peer, string api)
    {
        var content = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["data"] = "data",
            ["genesis"] = "../../genesis",
            ["keys"] = "keys",
            ["listenApi"] = api,
            ["listenPeer"] = peer,
        };
        File.WriteAllText(path, JsonSerializer.Serialize(content, Readable) + "\n");
    }

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    private static string Loopback(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private static string FolderOf(string root, int number) => Path.Combine(root, "nodes", number.ToString(CultureInfo.InvariantCulture));
}
