# Print what Jekyll reads of a site: one JSON object for each document of the collections that are named.
#
#     ruby jekyll_rows.rb FOLDER COLLECTION…
#
# Drafts, unpublished and future documents are read too. A document that Jekyll cannot read is left out where it would
# end the whole build.
ENV["TZ"] = "UTC"
require "jekyll"
require "json"
require "tmpdir"

module Jekyll
  class Document
    alias_method :read_or_die, :read

    def read(opts = {})
      read_or_die(opts)
    rescue Errors::FatalException
      self.content = nil
    end
  end

  class LayoutReader
    def read
      {}
    end
  end
end

source, *labels = ARGV
Jekyll.logger.log_level = :error
site = Jekyll::Site.new(
  Jekyll.configuration(
    "source" => source, "destination" => Dir.mktmpdir, "quiet" => true, "disable_disk_cache" => true,
    "show_drafts" => true, "unpublished" => true, "future" => true
  )
)
site.reset
site.read
labels.each do |label|
  site.collections[label].docs.each do |doc|
    next if doc.content.nil?

    puts JSON.generate(
      "path" => doc.path.delete_prefix("#{site.source}/"),
      "title" => doc.data["title"].to_s,
      "date" => doc.date.iso8601,
      "url" => Jekyll::URL.unescape_path(doc.url),
      "categories" => Array(doc.data["categories"]).map(&:to_s),
      "tags" => Array(doc.data["tags"]).map(&:to_s),
      "live" => doc.data.fetch("published", true) && !doc.draft? ? true : false
    )
  end
end
