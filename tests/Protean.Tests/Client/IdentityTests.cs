using Protean.Client;
using Protean.Cryptography;
using Protean.Tests.Node;
using Xunit;

namespace Protean.Tests.Client;

public sealed class IdentityTests
{
    private const ulong Cheap = 1, Little = 8192;

    [Fact]
    public void A_saved_identity_is_the_same_when_it_is_loaded()
    {
        using var folder = new TemporaryFolder();
        using var identity = Identity.Create(new SeededRandom(1));
        var path = Save(identity, folder);
        using var loaded = Identity.Load(path, "passphrase"u8);
        Assert.Equal(identity.PublicKey, loaded.PublicKey);
        Assert.Throws<IOException>(() => Save(identity, folder));
    }

    [Fact]
    public void A_wrong_passphrase_opens_nothing()
    {
        using var folder = new TemporaryFolder();
        using var identity = Identity.Create(new SeededRandom(1));
        var path = Save(identity, folder);
        Assert.Equal("PRT-CLI-0006", Assert.Throws<RefusedException>(() => Identity.Load(path, "other"u8)).Refusal.Code);
    }

    [Fact]
    public void A_key_file_that_others_can_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no file modes here");
        using var folder = new TemporaryFolder();
        using var identity = Identity.Create(new SeededRandom(1));
        var path = Save(identity, folder);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead);
        Assert.Equal("PRT-CLI-0005", Assert.Throws<RefusedException>(() => Identity.Load(path, "passphrase"u8)).Refusal.Code);
    }

    private static string Save(Identity identity, TemporaryFolder folder)
    {
        var path = Path.Combine(folder.Path, "identity");
        identity.Save(path, "passphrase"u8, Cheap, Little);
        return path;
    }
}
