using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node;
using Protean.Node.Configuration;
using Protean.Runtime;
using Xunit;

namespace Protean.Tests.Node;

public sealed class ConfigurationTests : IDisposable
{
    private const string Good = """
        {
          // Paths are relative to this file.
          "data": "data", "keys": "/var/lib/protean/keys", "genesis": "../genesis.bin",
          "listenPeer": "0.0.0.0:7100", "listenApi": "[::1]:7200",
        }
        """;

    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.At("node.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_good_file_is_read()
    {
        var configuration = Read(Good);
        Assert.Equal(_folder.At("data"), configuration.DataFolder);
        Assert.Equal("/var/lib/protean/keys", configuration.KeyFolder);
        Assert.Equal(System.IO.Path.GetFullPath("../genesis.bin", _folder.Path), configuration.GenesisFile);
        Assert.Equal("0.0.0.0:7100", configuration.ListenPeer.ToString());
        Assert.Equal("[::1]:7200", configuration.ListenApi.ToString());
    }

    [Fact]
    public void A_node_may_be_reached_at_another_address_than_its_record_names()
    {
        Assert.Empty(Read(Good).PeerAddresses);
        var peers = Read(Good.Replace("}", $"\"peers\": {{\"{Digest.Zero}\": \"10.0.0.7:7100\"}} }}", StringComparison.Ordinal)).PeerAddresses;
        Assert.Equal("10.0.0.7:7100", Assert.Single(peers, static peer => peer.Key == Digest.Zero).Value.ToString());
    }

    [Theory]
    [InlineData("\"data\": \"data\",", "", "data")]
    [InlineData("\"data\": \"data\"", "\"data\": 7", "data")]
    [InlineData("\"data\": \"data\"", "\"data\": \"\"", "data")]
    [InlineData("\"data\"", "\"dta\"", "data")]
    [InlineData("\"data\": \"data\"", "\"data\": \"data\", \"colour\": \"blue\"", "colour")]
    [InlineData("0.0.0.0:7100", "0.0.0.0:99999", "listenPeer")]
    [InlineData("0.0.0.0:7100", "example.org:7100", "listenPeer")]
    [InlineData("[::1]:7200", "::1", "listenApi")]
    [InlineData("\"data\": \"data\"", "\"data\": \"data\", \"peers\": \"b\"", "peers")]
    [InlineData("\"data\": \"data\"", "\"data\": \"data\", \"peers\": {\"aa\": \"example.org:7100\"}", "peers")]
    [InlineData("\"data\": \"data\"", "\"data\": \"data\", \"peers\": {\"NODE\": \"example.org\"}", "peers")]
    [InlineData("\"data\": \"data\"", "\"data\" \"data\"", "line 3")]
    [InlineData("\"data\": \"data\"", "\"data\": [[[[[[[1]]]]]]]", "line 3")]
    [InlineData("\"data\": \"data\"", "\"data\": \"a\", \"data\": \"b\"", "line")]
    public void A_mistake_is_refused_and_named(string good, string bad, string named)
    {
        var text = Good.Replace(good, bad, StringComparison.Ordinal).Replace("NODE", Digest.Zero.ToString(), StringComparison.Ordinal);
        var refused = Assert.Throws<RefusedException>(() => Read(text)).Refusal;
        Assert.Equal("PRT-NOD-0021", refused.Code);
        Assert.Contains(named, refused.What, StringComparison.Ordinal);
        Assert.NotEqual("", refused.Expected);
        Assert.NotEqual("", refused.Got);
    }

    [Fact]
    public void A_missing_or_oversize_file_is_refused()
    {
        Assert.Equal("PRT-NOD-0020", Assert.Throws<RefusedException>(() => NodeConfiguration.Read(Path)).Refusal.Code);
        File.WriteAllBytes(Path, new byte[Limits.MaxConfigurationFile + 1]);
        Assert.Equal("PRT-NOD-0020", Assert.Throws<RefusedException>(() => NodeConfiguration.Read(Path)).Refusal.Code);
    }

    [Fact]
    public void A_genesis_file_is_read_and_checked()
    {
        using var network = new TestNetwork(4, ("state", [0, 1, 2, 3]));
        var path = _folder.At("genesis.bin");
        GenesisFile.Write(path, network.Genesis);
        Assert.Equal(network.Genesis.ChainId, GenesisFile.Read(path).ChainId);

        GenesisFile.Write(path, network.Genesis with { Name = "another" });
        Assert.Contains("PRT-GEN-0002", GenesisRefused(path).Got, StringComparison.Ordinal);
        File.WriteAllBytes(path, [.. Canonical.Encode(network.Genesis), 0]);
        GenesisRefused(path);
    }

    private static Refusal GenesisRefused(string path)
    {
        var refusal = Assert.Throws<RefusedException>(() => GenesisFile.Read(path)).Refusal;
        Assert.Equal("PRT-NOD-0022", refusal.Code);
        return refusal;
    }

    private NodeConfiguration Read(string json)
    {
        File.WriteAllText(Path, json);
        return NodeConfiguration.Read(Path);
    }
}
