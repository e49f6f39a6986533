using System.Runtime.Versioning;
using Protean.Cryptography;
using Protean.Node;
using Protean.Node.Keys;
using Xunit;

namespace Protean.Tests.Node;

[UnsupportedOSPlatform("windows")]
public sealed class NodeKeysTests : IDisposable
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _folder = new();

    private string Keys => _folder.At("keys");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Keys_come_back_as_they_were_made()
    {
        using var made = Create();
        using var epoch = made.CreateEpoch(3, SystemRandom.Instance);
        using var opened = Open();
        using var again = opened.OpenEpoch(3);

        Assert.Equal(made.NodeId, opened.NodeId);
        Assert.Equal(made.Transport.ExportSubjectPublicKeyInfo(), opened.Transport.ExportSubjectPublicKeyInfo());
        Assert.Equal(made.Encryption.MultiplyBase(), opened.Encryption.MultiplyBase());
        Assert.Equal(made.Pvss.MultiplyBase(), opened.Pvss.MultiplyBase());
        Assert.Equal(epoch.PublicKey, again.PublicKey);
    }

    [Fact]
    public void Files_are_for_their_owner_alone_and_state_what_a_guess_costs()
    {
        Create().Dispose();
        Assert.Equal(OwnerFolder, File.GetUnixFileMode(Keys));
        Assert.All(Directory.GetFiles(Keys), file => Assert.Equal(OwnerFile, File.GetUnixFileMode(file)));
        var header = File.ReadAllBytes(Path.Combine(Keys, "identity.key"));
        Assert.Equal("PROTEAN-KEY-v1\0"u8, header.AsSpan(0, 15));
        Assert.Equal(KeyCost.Development, new KeyCost(BitConverter.ToUInt64(header, 16), BitConverter.ToUInt64(header, 24)));
    }

    [Fact]
    public void Keys_are_never_overwritten()
    {
        using var made = Create();
        made.CreateEpoch(0, SystemRandom.Instance).Dispose();
        Refused("PRT-NOD-0014", () => Create());
        Refused("PRT-NOD-0014", () => made.CreateEpoch(0, SystemRandom.Instance));
        using var opened = Open();
        Assert.Equal(made.NodeId, opened.NodeId);
    }

    [Theory]
    [InlineData("identity.key", UnixFileMode.GroupRead)]
    [InlineData("transport.key", UnixFileMode.OtherRead)]
    [InlineData("sharing.key", UnixFileMode.GroupWrite)]
    [InlineData("identity.key", UnixFileMode.OtherWrite)]
    [InlineData("", UnixFileMode.GroupExecute)]
    public void Loose_permissions_are_refused(string name, UnixFileMode extra)
    {
        Create().Dispose();
        var path = Path.Combine(Keys, name);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | extra);
        var refusal = Refused("PRT-NOD-0011", () => Open());
        Assert.Contains("chmod", refusal.Refusal.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flipped_byte_is_noticed_as_damage()
    {
        Create().Dispose();
        var path = Path.Combine(Keys, "identity.key");
        var good = File.ReadAllBytes(path);
        for (var i = 0; i < good.Length; i += 7)
        {
            var bad = good.ToArray();
            bad[i] ^= 1;
            File.WriteAllBytes(path, bad);
            Refused("PRT-NOD-0012", () => Open());
        }
        foreach (var length in new[] { 0, 1, good.Length / 2, good.Length - 1 })
        {
            File.WriteAllBytes(path, good[..length]);
            Refused("PRT-NOD-0012", () => Open());
        }
        File.WriteAllBytes(path, new byte[Limits.MaxKeyFile + 1]);
        Refused("PRT-NOD-0012", () => Open());
    }

    [Fact]
    public void A_wrong_passphrase_is_told_from_damage()
    {
        Create().Dispose();
        Refused("PRT-NOD-0013", () => NodeKeys.Open(Keys, Passphrase.FromText("wrong")));
    }

    [Fact]
    public void Files_that_were_exchanged_are_noticed()
    {
        using var keys = Create();
        keys.CreateEpoch(1, SystemRandom.Instance).Dispose();
        File.Copy(Path.Combine(Keys, "epoch-1.key"), Path.Combine(Keys, "epoch-2.key"));
        Refused("PRT-NOD-0016", () => keys.OpenEpoch(2));
        File.Move(Path.Combine(Keys, "transport.key"), Path.Combine(Keys, "identity.key"), overwrite: true);
        Refused("PRT-NOD-0016", () => Open());
    }

    [Fact]
    public void Missing_keys_are_named()
    {
        Refused("PRT-NOD-0010", () => Open());
        using var keys = Create();
        Assert.False(keys.HasEpoch(0));
        Assert.Contains("epoch-0.key", Refused("PRT-NOD-0010", () => keys.OpenEpoch(0)).Refusal.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void The_keys_of_an_epoch_can_be_erased()
    {
        using var keys = Create();
        keys.CreateEpoch(0, SystemRandom.Instance).Dispose();
        keys.EraseEpoch(0);
        keys.EraseEpoch(0);
        Assert.False(keys.HasEpoch(0));
        Refused("PRT-NOD-0010", () => keys.OpenEpoch(0));
    }

    [Fact]
    public void The_keys_of_all_epochs_before_one_are_erased_together()
    {
        using var keys = Create();
        foreach (var epoch in new ulong[] { 0, 1, 9, 10, 11 }) keys.CreateEpoch(epoch, SystemRandom.Instance).Dispose();
        var kept = keys.OpenEpoch(10).PublicKey;
        keys.EraseEpochsBefore(10);
        string[] files = ["epoch-10.key", "epoch-11.key", "identity.key", "sharing.key", "transport.key"];
        Assert.Equal(files, Directory.EnumerateFiles(Keys).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var again = Open();
        Assert.Equal(kept, again.OpenEpoch(10).PublicKey);
    }

    [Fact]
    public void Files_of_later_epochs_cost_what_the_first_ones_did()
    {
        Create().Dispose();
        using var keys = Open();
        keys.CreateEpoch(1, SystemRandom.Instance).Dispose();
        Assert.Equal(KeyCost.Development, KeyFile.CostOf(Path.Combine(Keys, "epoch-1.key")));
    }

    [Fact]
    public void The_passphrase_comes_from_a_private_file_or_a_variable_or_a_person()
    {
        var file = _folder.At("passphrase");
        File.WriteAllText(file, "from file\nsecond line\n");
        File.SetUnixFileMode(file, OwnerFile);
        Assert.Equal("from file"u8, Find(file, "from variable", "typed"));
        Assert.Equal("from variable"u8, Find(null, "from variable", "typed"));
        Assert.Equal("typed"u8, Find(null, null, "typed"));
        Refused("PRT-NOD-0015", () => Find(null, null, null));
        File.SetUnixFileMode(file, OwnerFile | UnixFileMode.OtherRead);
        Refused("PRT-NOD-0011", () => Find(file, null, null));
    }

    private static byte[] Find(string? file, string? variable, string? typed)
    {
        var environment = new Dictionary<string, string?> { [Passphrase.FileVariable] = file, [Passphrase.Variable] = variable };
        using var passphrase = Passphrase.Find(environment.GetValueOrDefault, typed is null ? null : () => typed);
        return passphrase.Span.ToArray();
    }

    private static RefusedException Refused(string code, Action action)
    {
        var refused = Assert.Throws<RefusedException>(action);
        Assert.Equal(code, refused.Refusal.Code);
        return refused;
    }

    private NodeKeys Create() => NodeKeys.Create(Keys, Passphrase.FromText("correct horse"), KeyCost.Development, SystemRandom.Instance);
    private NodeKeys Open() => NodeKeys.Open(Keys, Passphrase.FromText("correct horse"));
}
